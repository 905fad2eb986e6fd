/**
 * Mean and standard deviation of the channels (red, green, blue; of values scaled to 0..1) that CLIP's pictures are
 * normalised with: `(value / 255 - mean) / std`. Source: Radford et al. 2021, openai/CLIP, clip.py.
 */
export const CLIP_MEAN: readonly [number, number, number] = [0.48145466, 0.4578275, 0.40821073];
export const CLIP_STD: readonly [number, number, number] = [0.26862954, 0.26130258, 0.27577711];
