/**
 * The JavaScript of tfjs-node-gpu, where npm has taken it away.
 *
 * npm 11 reads `allowScripts` in package.json and installs the package without running its script. npm 10 runs it; where its download
 * fails npm removes the optional package with everything that it alone needs. It is then fetched again, without scripts, into the store.
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commit, Refusal, run, temporaryFolder } from './process.mjs';
import { say } from './progress.mjs';
import { findPackage, OWN_PACKAGE_HOME, TFJS_NODE, TFJS_NODE_NAME } from './settings.mjs';

/**
 * Finds the package, or fetches it by npm.
 * @returns {Promise<string>} its folder
 */
export async function installPackage() {
  const found = findPackage();
  if (found) return found;
  say(`fetching ${TFJS_NODE_NAME} ${TFJS_NODE} by npm`);
  const folder = join(temporaryFolder(), 'package');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  // Set by npm for its scripts. Settings of the outer command (a global install, say) must not reach the inner one.
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const env = {
    ...process.env,
    npm_config_global: 'false',
    npm_config_location: 'project',
    npm_config_omit: '',
    npm_config_dry_run: 'false',
  };
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  const answer = await run([...npm, 'install', '--prefix', folder, ...quiet, `${TFJS_NODE_NAME}@${TFJS_NODE}`], {
    cwd: folder,
    env,
  });
  if (!answer.ok) {
    const reason = /^npm (?:error|ERR!) (?!code)(.*)$/m.exec(answer.output)?.[1] ?? 'npm failed';
    throw new Refusal(`npm could not fetch ${TFJS_NODE_NAME}: ${reason}`);
  }
  commit(folder, OWN_PACKAGE_HOME);
  const fetched = findPackage();
  if (!fetched) throw new Refusal(`npm fetched no ${TFJS_NODE_NAME}`);
  return fetched;
}
