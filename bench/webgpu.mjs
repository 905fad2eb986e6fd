// Does what trains on TensorFlow train on WebGPU too, and how fast? Runs every model's tests on WebGPU, golden cases among them, then 20 steps of
// every training against TensorFlow's, then times whole steps side by side.
//   npm run build && npm run bench:webgpu            9 to 25 minutes without a GPU
//   npm run bench:webgpu -- --only steps             times alone
// WebGPU's packages are fetched if they are missing (npm install --no-save). Where there is no adapter, Mesa's software driver is unpacked into
// .engine/bench-mesa (bench/software-vulkan.sh: Debian alone): it shows that numbers are right, and nothing of speed.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { INSTALL_WEBGPU, webgpu } from '../dist/engine/webgpu.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const root = here('..');
const { values: asked } = parseArgs({ options: { only: { type: 'string' } } });
const wants = (part) => asked.only === undefined || asked.only === part;

/** What `mm1 engine` says of WebGPU. */
function adapter(env) {
  const options = { cwd: root, encoding: 'utf8', env: { ...process.env, ...env } };
  const { engines } = JSON.parse(
    execFileSync(process.execPath, [here('../dist/cli/main.js'), 'engine', '--json'], options),
  );
  return engines.find(({ name }) => name === 'webgpu');
}

/** What makes Vulkan find Mesa's software driver, which is unpacked first. */
function softwareDriver() {
  const home = here('../.engine/bench-mesa');
  if (!existsSync(`${home}/root/usr`)) {
    console.log('unpacking a software driver of Vulkan');
    execFileSync(here('software-vulkan.sh'), [home], { stdio: 'inherit' });
  }
  return {
    LD_LIBRARY_PATH: `${home}/root/usr/lib/x86_64-linux-gnu`,
    VK_DRIVER_FILES: `${home}/root/usr/share/vulkan/icd.d/lvp_icd.json`,
    MM1_WEBGPU: 'software',
  };
}

function run(command, args, env) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  return status === 0;
}

if (webgpu.missing() !== null) {
  console.log('fetching WebGPU by npm');
  const [npm, ...args] = INSTALL_WEBGPU.split(' ');
  execFileSync(npm, [...args, '--no-save', '--no-audit', '--no-fund'], { cwd: root, stdio: 'inherit' });
}
let env = {};
let found = adapter(env);
if (!found.usable) {
  console.log(`WebGPU: ${found.reason}`);
  env = softwareDriver();
  found = adapter(env);
}
if (!found.usable) throw new Error(`no adapter: ${found.reason}`);
console.log(
  `WebGPU ${found.version} on ${found.device}${found.gpu ? '' : ' (software)'}: ${found.gflops.toFixed(1)} GFLOP/s`,
);

let sound = true;
if (wants('tests')) sound = run('npm', ['run', '--silent', 'test:webgpu'], env);
if (wants('steps')) {
  const cases = found.gpu ? ['mid', 'nano', 'small'] : ['tiny'];
  sound = run(process.execPath, [here('step.mjs'), ...cases, '--peers', 'graph,WebGPU,PyTorch'], env) && sound;
}
process.exitCode = sound ? 0 : 1;
