export { type Activation, activate } from './activation.js';
export { adaptiveAveragePool } from './adaptive-pool.js';
export { attend, causalMask, FORBIDDEN, mergeHeads, splitHeads } from './attention.js';
export { crossEntropy } from './cross-entropy.js';
export { depthwise3x3 } from './depthwise.js';
export { embedding } from './embedding.js';
export { linear } from './linear.js';
export { layerNorm, rmsNorm } from './norm.js';
export { type Rotation, rotate, rotation } from './rotary.js';
