// tfjs's binding, as its own sources have it, and beside it what a compiled step needs: TensorFlow graphs, built node by node
// and installed as functions of the eager context, which then run like any other op, by their name.
//   beginGraph(): number
//   addNode(graph, op, attributes, inputs, lists, controls, value): number
//       attributes  [{ name, type, value }] as executeOp takes them
//       inputs      [node, output, node, output, ...]
//       lists       of each argument of the op how many inputs it takes as a list, or -1 for a single one; [] where all are single
//       controls    nodes that must have run before
//       value       id of the tensor that the attribute `value` of a constant holds, or -1
//   installFunction(graph, name, inputs, outputs, controls)   inputs are nodes, outputs [node, output, ...]; ends the graph
//   dropGraph(graph)
//   removeFunction(name)
// Compiled with -fno-access-control: the eager context and its tensors are private to tfjs's class.
#include <node_api.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#undef NAPI_MODULE
#define NAPI_MODULE(name, initialise)
#include "binding/tfjs_binding.cc"

namespace {

using tfnodejs::TF_AutoStatus;
using tfnodejs::TFJSBackend;

struct Graph {
  TF_Graph *graph = TF_NewGraph();
  std::vector<TF_Operation *> nodes;
  ~Graph() { TF_DeleteGraph(graph); }
};

std::map<int, std::unique_ptr<Graph>> graphs;
int next_graph = 0;

napi_value Number(napi_env env, int value) {
  napi_value result;
  napi_create_int32(env, value, &result);
  return result;
}

int Integer(napi_env env, napi_value value) {
  int32_t result = 0;
  napi_get_value_int32(env, value, &result);
  return result;
}

std::string Text(napi_env env, napi_value value) {
  std::string text;
  tfnodejs::GetStringParam(env, value, text);
  return text;
}

napi_value Property(napi_env env, napi_value object, const char *name) {
  napi_value result;
  napi_get_named_property(env, object, name, &result);
  return result;
}

std::vector<napi_value> Elements(napi_env env, napi_value array) {
  uint32_t length = 0;
  napi_get_array_length(env, array, &length);
  std::vector<napi_value> elements(length);
  for (uint32_t i = 0; i < length; ++i) napi_get_element(env, array, i, &elements[i]);
  return elements;
}

std::vector<int64_t> Integers(napi_env env, napi_value array) {
  std::vector<int64_t> result;
  for (napi_value element : Elements(env, array)) {
    int64_t value = 0;
    napi_get_value_int64(env, element, &value);
    result.push_back(value);
  }
  return result;
}

bool Failed(napi_env env, const TF_AutoStatus &status) {
  if (TF_GetCode(status.status) == TF_OK) return false;
  napi_throw_error(env, nullptr, TF_Message(status.status));
  return true;
}

template <size_t count>
std::vector<napi_value> Arguments(napi_env env, napi_callback_info info) {
  std::vector<napi_value> arguments(count);
  size_t given = count;
  napi_get_cb_info(env, info, &given, arguments.data(), nullptr, nullptr);
  return arguments;
}

void SetAttribute(napi_env env, TF_OperationDescription *node, napi_value attribute) {
  const std::string name = Text(env, Property(env, attribute, "name"));
  const napi_value value = Property(env, attribute, "value");
  bool list = false;
  napi_is_array(env, value, &list);
  const auto numbers = [&] {
    std::vector<double> result;
    for (napi_value element : Elements(env, value)) {
      double number = 0;
      napi_get_value_double(env, element, &number);
      result.push_back(number);
    }
    return result;
  };
  double number = 0;
  bool flag = false;
  switch (Integer(env, Property(env, attribute, "type"))) {
    case TF_ATTR_STRING: {
      const std::string text = Text(env, value);
      TF_SetAttrString(node, name.c_str(), text.data(), text.size());
      break;
    }
    case TF_ATTR_INT:
      if (list) {
        const std::vector<int64_t> values = Integers(env, value);
        TF_SetAttrIntList(node, name.c_str(), values.data(), values.size());
      } else {
        napi_get_value_double(env, value, &number);
        TF_SetAttrInt(node, name.c_str(), static_cast<int64_t>(number));
      }
      break;
    case TF_ATTR_FLOAT:
      if (list) {
        const std::vector<double> wide = numbers();
        const std::vector<float> values(wide.begin(), wide.end());
        TF_SetAttrFloatList(node, name.c_str(), values.data(), values.size());
      } else {
        napi_get_value_double(env, value, &number);
        TF_SetAttrFloat(node, name.c_str(), static_cast<float>(number));
      }
      break;
    case TF_ATTR_BOOL:
      napi_get_value_bool(env, value, &flag);
      TF_SetAttrBool(node, name.c_str(), flag);
      break;
    case TF_ATTR_TYPE:
      TF_SetAttrType(node, name.c_str(), static_cast<TF_DataType>(Integer(env, value)));
      break;
    case TF_ATTR_SHAPE: {
      const std::vector<int64_t> shape = Integers(env, value);
      TF_SetAttrShape(node, name.c_str(), shape.data(), shape.size());
      break;
    }
    default:
      napi_throw_error(env, nullptr, ("the attribute " + name + " is of a type that no graph node takes").c_str());
  }
}

napi_value BeginGraph(napi_env env, napi_callback_info) {
  graphs[next_graph] = std::make_unique<Graph>();
  return Number(env, next_graph++);
}

napi_value AddNode(napi_env env, napi_callback_info info) {
  const auto arguments = Arguments<7>(env, info);
  Graph &graph = *graphs.at(Integer(env, arguments[0]));
  const std::string op = Text(env, arguments[1]);
  const std::string name = "n" + std::to_string(graph.nodes.size());
  TF_OperationDescription *node = TF_NewOperation(graph.graph, op.c_str(), name.c_str());

  const std::vector<int64_t> ends = Integers(env, arguments[3]);
  std::vector<TF_Output> inputs;
  for (size_t i = 0; i + 1 < ends.size(); i += 2)
    inputs.push_back({graph.nodes.at(ends[i]), static_cast<int>(ends[i + 1])});
  const std::vector<int64_t> lists = Integers(env, arguments[4]);
  if (lists.empty()) {
    for (const TF_Output &input : inputs) TF_AddInput(node, input);
  }
  size_t at = 0;
  for (const int64_t count : lists) {
    if (count < 0) {
      TF_AddInput(node, inputs.at(at++));
    } else {
      TF_AddInputList(node, inputs.data() + at, static_cast<int>(count));
      at += count;
    }
  }
  for (const int64_t control : Integers(env, arguments[5])) TF_AddControlInput(node, graph.nodes.at(control));
  for (napi_value attribute : Elements(env, arguments[2])) SetAttribute(env, node, attribute);

  TF_AutoStatus status;
  const int tensor = Integer(env, arguments[6]);
  if (tensor >= 0) {
    TFJSBackend *backend = tfnodejs::GetTFJSBackend(env);
    TF_Tensor *value = TFE_TensorHandleResolve(backend->tfe_handle_map_.at(tensor), status.status);
    if (Failed(env, status)) return nullptr;
    TF_SetAttrTensor(node, "value", value, status.status);
    TF_DeleteTensor(value);
    if (Failed(env, status)) return nullptr;
  }
  TF_Operation *made = TF_FinishOperation(node, status.status);
  if (Failed(env, status)) return nullptr;
  graph.nodes.push_back(made);
  return Number(env, static_cast<int>(graph.nodes.size()) - 1);
}

napi_value InstallFunction(napi_env env, napi_callback_info info) {
  const auto arguments = Arguments<5>(env, info);
  const auto found = graphs.find(Integer(env, arguments[0]));
  const std::unique_ptr<Graph> graph = std::move(found->second);
  graphs.erase(found);
  const std::string name = Text(env, arguments[1]);
  std::vector<TF_Output> inputs;
  for (const int64_t node : Integers(env, arguments[2])) inputs.push_back({graph->nodes.at(node), 0});
  std::vector<TF_Output> outputs;
  const std::vector<int64_t> ends = Integers(env, arguments[3]);
  for (size_t i = 0; i + 1 < ends.size(); i += 2)
    outputs.push_back({graph->nodes.at(ends[i]), static_cast<int>(ends[i + 1])});
  std::vector<TF_Operation *> controls;
  for (const int64_t node : Integers(env, arguments[4])) controls.push_back(graph->nodes.at(node));

  TF_AutoStatus status;
  TF_Function *function = TF_GraphToFunctionWithControlOutputs(
      graph->graph, name.c_str(), 0, -1, nullptr, inputs.size(), inputs.data(), outputs.size(), outputs.data(), nullptr,
      controls.size(), controls.data(), nullptr, nullptr, nullptr, status.status);
  if (Failed(env, status)) return nullptr;
  TFE_ContextAddFunction(tfnodejs::GetTFJSBackend(env)->tfe_context_, function, status.status);
  TF_DeleteFunction(function);
  Failed(env, status);
  return nullptr;
}

napi_value DropGraph(napi_env env, napi_callback_info info) {
  graphs.erase(Integer(env, Arguments<1>(env, info)[0]));
  return nullptr;
}

napi_value RemoveFunction(napi_env env, napi_callback_info info) {
  TF_AutoStatus status;
  const std::string name = Text(env, Arguments<1>(env, info)[0]);
  TFE_ContextRemoveFunction(tfnodejs::GetTFJSBackend(env)->tfe_context_, name.c_str(), status.status);
  Failed(env, status);
  return nullptr;
}

}  // namespace

/** In kernels/kernels.cc. */
void RegisterMm1Kernels();

NAPI_MODULE_INIT() {
  static const bool registered = (RegisterMm1Kernels(), true);
  (void)registered;
  exports = tfnodejs::InitTFNodeJSBinding(env, exports);
  const napi_property_descriptor own[] = {
      {"beginGraph", nullptr, BeginGraph, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"addNode", nullptr, AddNode, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"installFunction", nullptr, InstallFunction, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"dropGraph", nullptr, DropGraph, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"removeFunction", nullptr, RemoveFunction, nullptr, nullptr, nullptr, napi_default, nullptr},
  };
  napi_define_properties(env, exports, sizeof own / sizeof own[0], own);
  return exports;
}
