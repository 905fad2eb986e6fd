export { type Description, describeCheckpoint } from './describe.js';
export {
  type ClipCheckpoint,
  checkClip,
  checkVisionTower,
  loadClip,
  loadVisionTower,
  type VisionCheckpoint,
} from './load-clip.js';
export { checkDecoder, type DecoderCheckpoint, loadDecoder } from './load-decoder.js';
export { saveClip, saveDecoder, saveVisionTower } from './save.js';
export { checkpointFiles } from './tensor-files.js';
