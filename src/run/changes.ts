import { canonicalJson } from '../config/hash.js';
import type { Plan } from '../config/plan.js';
import type { StoreReader } from '../store/reader.js';

/** What is otherwise than in the newest run of the same name, in one line; null where there is none, or nothing is. */
export function changesSince(plan: Plan, store: StoreReader): string | null {
  const before = store.runs().find(({ name }) => name === plan.name);
  if (!before) return null;
  const [then, now] = [store.variants(before.id).map(({ key }) => key), plan.variants.map(({ key }) => key)];
  const [added, gone] = [
    now.filter((key) => !then.includes(key)).length,
    then.filter((key) => !now.includes(key)).length,
  ];
  const changes = [
    ...(added > 0 ? [`${added} of ${now.length} variants new`] : []),
    ...(gone > 0 ? [`${gone} variants gone`] : []),
    ...(canonicalJson(before.seeds) === canonicalJson(plan.seeds)
      ? []
      : [`seeds ${before.seeds.join(', ')} now ${plan.seeds.join(', ')}`]),
    ...(canonicalJson(before.evaluation) === canonicalJson(plan.evaluation) ? [] : ['another evaluation']),
  ];
  return changes.length > 0 ? `since run ${before.id}: ${changes.join('; ')}` : null;
}
