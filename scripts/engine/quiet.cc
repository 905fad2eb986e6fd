// Holds back what is written to standard error while TensorFlow's libraries load: their static initialisers log lines of
// information ("oneDNN custom operations are on ...") before anything can set TensorFlow's log level.
//   hold(): void       sends standard error into memory
//   release(): string  restores it and gives what was held, for the caller to pass on what matters
#include <node_api.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

namespace {

int held = -1;
int original = -1;

napi_value Hold(napi_env env, napi_callback_info) {
  if (held != -1) return nullptr;
  held = memfd_create("stderr", MFD_CLOEXEC);
  original = dup(STDERR_FILENO);
  if (held == -1 || original == -1 || dup2(held, STDERR_FILENO) == -1) {
    napi_throw_error(env, nullptr, "standard error cannot be redirected");
  }
  return nullptr;
}

napi_value Release(napi_env env, napi_callback_info) {
  std::string text;
  if (held != -1) {
    dup2(original, STDERR_FILENO);
    close(original);
    lseek(held, 0, SEEK_SET);
    char buffer[4096];
    for (ssize_t n; (n = read(held, buffer, sizeof buffer)) > 0;) text.append(buffer, n);
    close(held);
    held = -1;
  }
  napi_value result;
  napi_create_string_utf8(env, text.data(), text.size(), &result);
  return result;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "hold", NAPI_AUTO_LENGTH, Hold, nullptr, &function);
  napi_set_named_property(env, exports, "hold", function);
  napi_create_function(env, "release", NAPI_AUTO_LENGTH, Release, nullptr, &function);
  napi_set_named_property(env, exports, "release", function);
  return exports;
}
