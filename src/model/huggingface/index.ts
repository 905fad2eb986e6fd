export { type ClipCheckpoint, loadClip, loadVisionTower, type VisionCheckpoint } from './load-clip.js';
export { type DecoderCheckpoint, loadDecoder } from './load-decoder.js';
export { saveClip, saveDecoder } from './save.js';
