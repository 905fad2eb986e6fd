"""Trains the built-in tokenizer: byte-level BPE of 4,096 entries, on the training side of the built-in corpora.

    npm run build
    node scripts/train-tokenizer.mjs > /tmp/tokenizer-text.txt
    python3 -m venv /tmp/tokenizer && /tmp/tokenizer/bin/pip install tokenizers==0.23.3
    /tmp/tokenizer/bin/python scripts/train-tokenizer.py /tmp/tokenizer-text.txt src/data/tokenizer/default.json

The same text and the same version of tokenizers give the same file. A new file makes every trained model worthless:
train it again only when the corpus's words change.
"""

import sys

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

ENTRIES = 4096
# Their places in the list are their ids.
SPECIAL_TOKENS = ["<|endoftext|>", "<|pad|>", "<|bos|>"]

text_path, tokenizer_path = sys.argv[1:]
tokenizer = Tokenizer(models.BPE())
# GPT-2's split: a word keeps the space before it.
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
tokenizer.decoder = decoders.ByteLevel()
trainer = trainers.BpeTrainer(
    vocab_size=ENTRIES,
    special_tokens=SPECIAL_TOKENS,
    initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),  # every byte: no text is unknown
    show_progress=False,
)
with open(text_path, encoding="utf-8") as file:
    tokenizer.train_from_iterator((line.rstrip("\n") for line in file), trainer)
assert tokenizer.get_vocab_size() == ENTRIES, tokenizer.get_vocab_size()
tokenizer.save(tokenizer_path)
