#pragma once

namespace mm1 {

/** Makes the ops of attention known to TensorFlow. */
void RegisterAttention();

}  // namespace mm1
