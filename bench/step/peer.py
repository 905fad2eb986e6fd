"""PyTorch's side of bench:step: the same models, written as PyTorch is at its fastest on a CPU, without a compiler; on a GPU where it is told so.

Reads one JSON object a line, answers with one. Weights have the names that mm1 writes.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from safetensors.torch import load_file


def heads_of(x, count):
    rows, tokens, width = x.shape
    return x.view(rows, tokens, count, width // count).transpose(1, 2)


def merged(x):
    rows, count, tokens, head = x.shape
    return x.transpose(1, 2).reshape(rows, tokens, count * head)


def act(name, x):
    if name == "quick_gelu":
        return x * torch.sigmoid(1.702 * x)
    return F.gelu(x) if name == "gelu" else F.silu(x)


def tower(w, prefix, config, x, causal):
    width = config["hidden_size"]
    for i in range(config["num_hidden_layers"]):
        p = lambda name: w[f"{prefix}encoder.layers.{i}.{name}"]
        lin = lambda name, y: F.linear(y, p(f"{name}.weight"), p(f"{name}.bias"))
        norm = lambda name, y: F.layer_norm(y, (width,), p(f"{name}.weight"), p(f"{name}.bias"), config["layer_norm_eps"])
        y = norm("layer_norm1", x)
        q, k, v = (heads_of(lin(f"self_attn.{n}_proj", y), config["num_attention_heads"]) for n in "qkv")
        x = x + lin("self_attn.out_proj", merged(F.scaled_dot_product_attention(q, k, v, is_causal=causal)))
        x = x + lin("mlp.fc2", act(config["hidden_act"], lin("mlp.fc1", norm("layer_norm2", x))))
    return x


def clip(w, config, batch):
    vision, text = config["vision"], config["text"]
    patches = batch["patches"]
    width = vision["hidden_size"]
    kernel = w["vision_model.embeddings.patch_embedding.weight"].view(width, -1)
    tokens = F.linear(patches, kernel)
    first = w["vision_model.embeddings.class_embedding"].expand(tokens.shape[0], 1, width)
    x = torch.cat([first, tokens], 1) + w["vision_model.embeddings.position_embedding.weight"]
    norm = lambda name, y, size, eps: F.layer_norm(y, (size,), w[f"{name}.weight"], w[f"{name}.bias"], eps)
    x = norm("vision_model.pre_layrnorm", x, width, vision["layer_norm_eps"])
    x = tower(w, "vision_model.", vision, x, False)
    pooled = x[:, 1:].mean(1) if vision["pooling"] == "average" else x[:, 0]
    pooled = norm("vision_model.post_layernorm", pooled, width, vision["layer_norm_eps"])
    y = F.embedding(batch["ids"], w["text_model.embeddings.token_embedding.weight"])
    y = y + w["text_model.embeddings.position_embedding.weight"][: y.shape[1]]
    y = tower(w, "text_model.", text, y, True)
    y = y[torch.arange(y.shape[0]), batch["ends"]]
    y = norm("text_model.final_layer_norm", y, text["hidden_size"], text["layer_norm_eps"])
    images = F.normalize(F.linear(pooled, w["visual_projection.weight"]), dim=-1)
    texts = F.normalize(F.linear(y, w["text_projection.weight"]), dim=-1)
    logits = images @ texts.T * w["logit_scale"].clamp(max=4.605170185988092).exp()
    diagonal = torch.arange(logits.shape[0])
    return (F.cross_entropy(logits, diagonal) + F.cross_entropy(logits.T, diagonal)) / 2


def rms_norm(x, gain, epsilon):
    return F.rms_norm(x, (x.shape[-1],), gain, epsilon)


def llama(w, prefix, config, x, positions, mask):
    """mask: None for a causal one, else what is added to the scores"""
    width, count = config["hidden_size"], config["num_attention_heads"]
    groups = config["num_key_value_heads"]
    head = config.get("head_dim") or width // count
    frequencies = config["rope_theta"] ** (-torch.arange(0, head, 2, dtype=torch.float32) / head)
    angles = positions.float()[:, None, :, None] * frequencies
    cosine, sine = angles.cos(), angles.sin()

    def turn(y):
        a, b = y.chunk(2, -1)
        return torch.cat([a * cosine - b * sine, b * cosine + a * sine], -1)

    for i in range(config["num_hidden_layers"]):
        p = lambda name: w[f"{prefix}model.layers.{i}.{name}.weight"]
        y = rms_norm(x, p("input_layernorm"), config["rms_norm_eps"])
        q = turn(heads_of(F.linear(y, p("self_attn.q_proj")), count))
        k = turn(heads_of(F.linear(y, p("self_attn.k_proj")), groups))
        v = heads_of(F.linear(y, p("self_attn.v_proj")), groups)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None, enable_gqa=groups != count)
        x = x + F.linear(merged(y), p("self_attn.o_proj"))
        y = rms_norm(x, p("post_attention_layernorm"), config["rms_norm_eps"])
        wide = F.silu(F.linear(y, p("mlp.gate_proj"))) * F.linear(y, p("mlp.up_proj"))
        x = x + F.linear(wide, p("mlp.down_proj"))
    return rms_norm(x, w[f"{prefix}model.norm.weight"], config["rms_norm_eps"])


def table(w, prefix, config):
    return w[f"{prefix}model.embed_tokens.weight"] if config["tie_word_embeddings"] else w[f"{prefix}lm_head.weight"]


def decoder(w, config, batch):
    x = F.embedding(batch["ids"], w["model.embed_tokens.weight"])
    last = llama(w, "", config, x, batch["positions"], None)
    return F.cross_entropy(F.linear(last, table(w, "", config)).flatten(0, 1), batch["targets"])


def c_abstractor(w, config, features):
    """Channels first in memory laid out channels last: what oneDNN's convolutions like best."""
    rows, patches, width = features.shape
    grid, side = int(patches**0.5), int(config["tokens"] ** 0.5)
    norm = lambda name, y: F.layer_norm(
        y.permute(0, 2, 3, 1), (y.shape[1],), w[f"{name}.bn.weight"], w[f"{name}.bn.bias"], 1e-5
    ).permute(0, 3, 1, 2)

    def block(prefix, x):
        y = F.silu(norm(f"{prefix}.conv1", F.conv2d(x, w[f"{prefix}.conv1.conv.weight"])))
        y = F.conv2d(y, w[f"{prefix}.conv2.conv.weight"], padding=1, groups=y.shape[1])
        y = F.silu(norm(f"{prefix}.conv2", y))
        gate = y.mean((2, 3), keepdim=True)
        gate = F.silu(F.conv2d(gate, w[f"{prefix}.se.fc1.weight"], w[f"{prefix}.se.fc1.bias"]))
        y = y * torch.sigmoid(F.conv2d(gate, w[f"{prefix}.se.fc2.weight"], w[f"{prefix}.se.fc2.bias"]))
        y = norm(f"{prefix}.conv3", F.conv2d(y, w[f"{prefix}.conv3.conv.weight"]))
        if f"{prefix}.downsample.conv.weight" in w:
            x = norm(f"{prefix}.downsample", F.conv2d(x, w[f"{prefix}.downsample.conv.weight"]))
        return F.silu(y + x)

    def stage(name, x):
        i = 1
        while f"{name}.b{i}.conv1.conv.weight" in w:
            x = block(f"{name}.b{i}", x)
            i += 1
        return x

    x = features + w["connector.pos_emb"]
    x = x.view(rows, grid, grid, width).permute(0, 3, 1, 2)
    x = F.adaptive_avg_pool2d(stage("connector.net.0", x), side)
    x = stage("connector.net.2", x).permute(0, 2, 3, 1).reshape(rows, side * side, -1)
    x = F.linear(x, w["connector.readout.0.weight"], w["connector.readout.0.bias"])
    return F.linear(F.silu(x), w["connector.readout.2.weight"], w["connector.readout.2.bias"])


def connector(w, config, batch):
    return F.mse_loss(c_abstractor(w, config, batch["pictures"]), batch["wanted"])


def multimodal(w, config, batch):
    sizes = config["decoder"]
    width = sizes["hidden_size"]
    visual = c_abstractor(w, config["connector"], batch["pictures"]).flatten(0, 1)
    words = F.embedding(batch["ids"], w["language_model.model.embed_tokens.weight"])
    rows, length = batch["segments"].shape
    x = torch.cat([words, visual])[batch["from"]].view(rows, length, width)
    groups, segments = batch["groups"], batch["segments"]
    related = (segments[:, :, None] == segments[:, None, :]) | (segments[:, None, :] == 0)
    allowed = (groups[:, :, None] == groups[:, None, :]) & related
    allowed = allowed & torch.ones(length, length, dtype=torch.bool).tril()
    mask = torch.zeros(allowed.shape).masked_fill_(~allowed, -1e9)[:, None]
    last = llama(w, "language_model.", sizes, x, batch["positions"], mask).flatten(0, 1)
    logits = F.linear(last[batch["reads"]], table(w, "language_model.", sizes))
    losses = F.cross_entropy(logits, batch["targets"], reduction="none")
    return (losses * batch["counted"]).sum() / batch["counted"].sum().clamp(min=1)


LOSSES = {"clip": clip, "decoder": decoder, "connector": connector, "multimodal": multimodal}


class Side:
    def open(self, folder, kind, config, adam, rate):
        stored = load_file(f"{folder}/weights.safetensors", device=DEVICE)
        self.weights = {name: value.clone().requires_grad_() for name, value in stored.items()}
        batch = load_file(f"{folder}/batch.safetensors", device=DEVICE)
        self.batch = {name: value.long() if value.dtype == torch.int32 else value for name, value in batch.items()}
        self.loss, self.config, self.clip = LOSSES[kind], config, adam["clip"]
        decays = [value for value in self.weights.values() if value.dim() >= 2]
        others = [value for value in self.weights.values() if value.dim() < 2]
        self.optimizer = torch.optim.AdamW(
            [{"params": decays, "weight_decay": adam["weightDecay"]}, {"params": others, "weight_decay": 0.0}],
            lr=rate,
            betas=(adam["beta1"], adam["beta2"]),
            eps=adam["epsilon"],
            fused=True,
        )
        return {}

    def run(self, steps):
        losses = []
        started = time.perf_counter()
        for _ in range(steps):
            self.optimizer.zero_grad()
            loss = self.loss(self.weights, self.config, self.batch)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.weights.values(), self.clip)
            self.optimizer.step()
            losses.append(loss.item())
        return {"losses": losses, "milliseconds": 1000 * (time.perf_counter() - started) / steps}


torch.set_num_threads(int(sys.argv[1]))
DEVICE = "cuda" if sys.argv[2] == "gpu" and torch.cuda.is_available() else "cpu"
torch.set_default_device(DEVICE)
torch.backends.cuda.matmul.allow_tf32 = True  # as TensorFlow has it
side = Side()
device = torch.cuda.get_device_name() if DEVICE == "cuda" else "the processor"
print(json.dumps({"version": torch.__version__, "device": device}), flush=True)
for line in sys.stdin:
    message = json.loads(line)
    print(json.dumps(getattr(side, message.pop("type"))(**message)), flush=True)
