/**
 * TensorFlow's two libraries and headers, out of the wheel that pip downloads.
 * @module
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkDisk } from './machine.mjs';
import { commit, Refusal, run, temporaryFolder } from './process.mjs';
import { say, sizeOf, watchDownload } from './progress.mjs';
import { BUILDS, librariesOf, TENSORFLOW } from './settings.mjs';

const UNPACK = fileURLToPath(new URL('unpack.py', import.meta.url));

/** pip compares these tags to the letter, and the packages of the CUDA build carry many. Only libraries are used, so one Python's wheel serves all. */
const WHEEL_TAGS = ['_2_28', '_2_27', '_2_17', '2014', '_2_12', '2010', '_2_5', '1']
  .flatMap((tag) => ['--platform', `manylinux${tag}_x86_64`])
  .concat('--python-version', '3.11', '--implementation', 'cp', '--only-binary=:all:', '--no-deps');

/**
 * Makes sure that the libraries of a build stand in the store.
 * @param {import('./settings.mjs').Build} build
 * @returns {Promise<void>}
 */
export async function installLibraries(build) {
  const home = librariesOf(build);
  if (existsSync(home)) return;
  checkDisk(build);
  const { wheel, download: bytes } = BUILDS[build];
  say(`downloading ${wheel} ${TENSORFLOW} by pip (${(bytes / 1e6).toFixed(0)} MB)`);
  const folder = join(temporaryFolder(), 'wheels');
  mkdirSync(folder);
  const watched = watchDownload(temporaryFolder(), bytes);
  try {
    await download([`${wheel}==${TENSORFLOW}`], folder);
    if (build === 'cuda') await download(await cudaPackages(folder), folder);
  } finally {
    watched();
  }
  say('unpacking its libraries');
  const unpacked = join(temporaryFolder(), 'libraries');
  const wheels = readdirSync(folder).map((name) => join(folder, name));
  const answer = await run(['python3', UNPACK, unpacked, ...wheels]);
  if (!answer.ok) throw new Refusal(`the wheel could not be unpacked: ${lastLine(answer.output)}`);
  for (const name of ['cc', 'framework']) {
    if (!existsSync(join(unpacked, 'tensorflow', `libtensorflow_${name}.so.2`))) {
      throw new Refusal(`the wheel of ${wheel} ${TENSORFLOW} holds no libtensorflow_${name}.so.2`);
    }
  }
  commit(unpacked, home);
}

/**
 * Downloads wheels. The person's own pip configuration decides from where.
 * @param {readonly string[]} requirements
 * @param {string} folder
 */
async function download(requirements, folder) {
  const scratch = join(temporaryFolder(), 'pip');
  // No retries: where the index cannot be reached they would cost minutes. A download that broke off midway is tried once more.
  const command = ['python3', '-m', 'pip', 'download', '--retries', '0', ...WHEEL_TAGS, '-d', folder, ...requirements];
  for (let attempt = 1; ; attempt++) {
    rmSync(scratch, { recursive: true, force: true });
    mkdirSync(scratch);
    const sampler = { bytes: 0 };
    const timer = setInterval(() => {
      sampler.bytes = Math.max(sampler.bytes, sizeOf(scratch));
    }, 500);
    // pip's temporary files belong in ours: nobody else would remove them after a kill.
    const answer = await run(command, { env: { ...process.env, TMPDIR: scratch, PIP_DISABLE_PIP_VERSION_CHECK: '1' } });
    clearInterval(timer);
    if (answer.ok) return;
    if (attempt === 1 && sampler.bytes > 1e6) continue;
    throw new Refusal(`pip could not download ${requirements.join(' ')}: ${pipReason(answer.output)}`);
  }
}

/**
 * The CUDA packages that the tensorflow wheel asks for by its extra `and-cuda`.
 * The wheel's libraries look for these packages beside their own folder, as pip would put them (seen: all twelve are found and load), and the binding's rpath
 * names the same folders. No GPU has computed by this route yet.
 * @param {string} folder where the tensorflow wheel is
 * @returns {Promise<string[]>} requirements
 */
async function cudaPackages(folder) {
  const script = [
    'import glob, re, sys, zipfile',
    'archive = zipfile.ZipFile(glob.glob(sys.argv[1] + "/tensorflow-*.whl")[0])',
    'name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))',
    'for line in archive.read(name).decode().splitlines():',
    '    found = re.match(r"Requires-Dist: (nvidia[^;]*);.*and-cuda", line)',
    '    if found: print(re.sub(r"[\\s()]", "", found[1]))',
  ].join('\n');
  const answer = await run(['python3', '-c', script, folder]);
  const packages = answer.stdout.split('\n').filter(Boolean);
  if (!answer.ok || packages.length === 0)
    throw new Refusal('the tensorflow wheel does not say which CUDA packages it needs');
  return packages;
}

/** The line in which pip says what is wrong. @param {string} output */
function pipReason(output) {
  const errors = output.split('\n').filter((line) => line.startsWith('ERROR:'));
  return (errors.at(-1) ?? lastLine(output)).replace('ERROR: ', '');
}

/** @param {string} output */
const lastLine = (output) => output.trimEnd().split('\n').at(-1) ?? '';
