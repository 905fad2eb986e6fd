export const ENGINE_NAMES = ['tensorflow', 'webgpu', 'wasm'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** The tensor engine at work. Model code sees none of it: it computes through `@tensorflow/tfjs-core` alone. */
export interface Engine {
  readonly name: EngineName;
  /** TensorFlow's version, or that of the tfjs backend. */
  readonly version: string;
  /** Model of the processor or of the GPU that computes. */
  readonly device: string;
  /** Whether a GPU computes. */
  readonly gpu: boolean;
  /** Bytes of the memory that it computes in; null where it does not tell. */
  readonly memory: number | null;
  /** How it takes matrix products of float32: whole, or with factors rounded to TF32's 10 bits. */
  readonly products: 'fp32' | 'tf32';
}

/** One kind of engine. */
export interface EngineKind {
  readonly name: EngineName;
  /**
   * Says in one sentence why the engine cannot be opened here, or null where everything stands ready.
   * Looks only at files and loads nothing.
   */
  missing(): string | null;
  /**
   * Loads the engine and makes it the one that every tensor of this process is computed by.
   * @param programs folder that compiled programs are kept in from process to process; they are not kept if left out
   * @throws Error where what stands ready does not load
   */
  open(programs?: string): Promise<Engine>;
}
