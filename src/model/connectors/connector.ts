import type * as tf from '@tensorflow/tfjs-core';
import type { ParameterSpecs, Parameters } from '../parameters.js';

/** Sizes that a connector joins. */
export interface ConnectorConfig {
  /** Width of the encoder's patches. */
  readonly encoder_hidden_size: number;
  /** Width of the language model's tokens. */
  readonly output_hidden_size: number;
  /** Width inside the connector, where it has an inside. */
  readonly hidden_size: number;
  /** Side of the square grid of patches that comes in. */
  readonly grid: number;
  /** Visual tokens that go out: a square, and all the patches where the connector does not reduce them. */
  readonly tokens: number;
}

/** A way from the encoder's patches to the language model's visual tokens. */
export interface Connector {
  /** Weights and how each starts. */
  specs(config: ConnectorConfig): ParameterSpecs;
  /**
   * @param parameters the connector's weights, under their own names
   * @param features [batch, grid x grid, encoder width], row-major
   * @returns [batch, tokens, output width]
   */
  forward(parameters: Parameters, config: ConnectorConfig, features: tf.Tensor3D): tf.Tensor3D;
}
