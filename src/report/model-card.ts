import { figure, interval } from './figure.js';
import type { Report } from './report.js';
import { settingsText } from './settings.js';

/** A model card for a variant's weights: what it is, what it was trained on, and what it scored. */
export function modelCard({ run, variants, tasks }: Report, number: number, seed: number): string {
  const settings = settingsText(variants[number - 1]!.settings);
  const rows = tasks.flatMap(({ task, shots, metric, variants: scored, chance }) => {
    const score = scored.find(({ variant }) => variant === number);
    if (!score) return [];
    const blind = score.blind ? figure(score.blind.mean) : '-';
    return [
      `| ${task} | ${shots} | ${metric} | ${figure(score.mean)} ${interval(score)} | ${blind} | ${figure(chance)} |`,
    ];
  });
  return `---
library_name: transformers
tags: [mm1, ablation, multimodal]
---

# ${run.name}, variant ${number}, seed ${seed}

${settings}

A model of an ablation study at scale ${run.scale} (run ${run.id}, mm1 ${run.provenance.mm1}${run.provenance.commit ? `, commit ${run.provenance.commit.slice(0, 7)}` : ''}), trained to be compared with its
siblings and for nothing else. ${run.standIns}

- \`language_model/\`: transformers' Llama or Mixtral, with its tokenizer, as it was after multimodal training
- \`encoder/\`: the image encoder
- \`connector/\`: weights between the two, which transformers has no model for; \`recipe.json\` says what they are
- data: ${run.data}

## What it scored

Means over the run's seeds with 95% intervals; this is the model of one of them.

| task | shots | metric | score | without the picture | chance |
| --- | ---: | --- | ---: | ---: | ---: |
${rows.join('\n')}
`;
}
