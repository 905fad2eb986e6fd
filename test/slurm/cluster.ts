import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Why Slurm cannot be started here, or null. */
export function missingSlurm(): string | null {
  for (const program of ['slurmctld', 'slurmd', 'sbatch', 'squeue', 'scontrol', 'scancel']) {
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return `there is no ${program}`;
  }
  return null;
}

/** A cluster of one machine: a real slurmctld and two real slurmds, started by hand. */
export interface Cluster {
  /** What makes Slurm's commands find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of its nodes. */
  readonly nodes: readonly string[];
  /** Runs one of Slurm's commands. @returns what it said */
  slurm(program: string, ...args: string[]): string;
  /** Ends the controller as a crash does, or starts it again. */
  killController(): void;
  startController(): Promise<void>;
  /** Ends a node's daemon, or starts it: the work that it began goes on, as where a network fails. */
  killNode(name: string): void;
  startNode(name: string): void;
  /** Whether nodes cannot begin work: what they are given is then queued again and held back. */
  setBroken(broken: boolean): void;
  /** What an operator does after a crash: the controller gives a job's number again, and takes the node that knows it already out of use. */
  resume(): void;
  stop(): void;
}

/** Seconds after which the controller takes a node that does not answer to be lost. */
export const NODE_TIMEOUT = 10;
/** GPUs of a node: devices that every machine has. */
const GPUS = ['/dev/zero', '/dev/full'];

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/**
 * Starts a cluster of two nodes, without systemd, munge or passwords: nothing of it is fit for anything but tests.
 * @param cores of each node, whatever the machine has
 */
export async function startCluster(cores = 4): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'mm1-slurm-'));
  for (const name of ['state', 'log']) mkdirSync(join(folder, name));
  const [host] = hostname().split('.');
  const user = userInfo().username;
  const nodes = ['node1', 'node2'];
  const controllerPort = await freePort();
  const described = [];
  for (const name of nodes) {
    mkdirSync(join(folder, `spool-${name}`));
    described.push(
      `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${await freePort()} CPUs=${cores} RealMemory=8000 Gres=gpu:${GPUS.length} State=UNKNOWN`,
    );
  }
  const broken = join(folder, 'broken');
  const prolog = join(folder, 'prolog');
  writeFileSync(prolog, `#!/bin/sh\n[ ! -e ${broken} ]\n`, { mode: 0o755 });
  writeFileSync(
    join(folder, 'gres.conf'),
    ['AutoDetect=off', ...GPUS.map((file) => `Name=gpu File=${file}`), ''].join('\n'),
  );
  const file = join(folder, 'slurm.conf');
  writeFileSync(
    file,
    `ClusterName=mm1
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controllerPort}
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/none
CredType=cred/none
AuthInfo=cred_expire=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
EnforcePartLimits=ALL
DependencyParameters=kill_invalid_depend
ReturnToService=2
SlurmdTimeout=${NODE_TIMEOUT}
Prolog=${prolog}
GresTypes=gpu
MinJobAge=60
JobRequeue=1
KillWait=5
MpiDefault=none
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool-%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd-%n.pid
SlurmctldLogFile=${folder}/log/slurmctld
SlurmdLogFile=${folder}/log/slurmd-%n
${described.join('\n')}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`,
  );
  const env = { SLURM_CONF: file };
  const options = { stdio: 'ignore', env: { ...process.env, ...env } } as const;
  let controller: ChildProcess;
  const slurm = (program: string, ...args: string[]) =>
    execFileSync(program, args, { encoding: 'utf8', env: options.env, stdio: ['ignore', 'pipe', 'pipe'] });

  async function startController(): Promise<void> {
    controller = spawn('slurmctld', ['-D'], options);
    for (let tries = 0; tries < 200; tries++) {
      await pause(100);
      if (spawnSync('scontrol', ['ping'], { env: options.env, encoding: 'utf8' }).stdout.includes('is UP')) return;
    }
    throw new Error(`slurmctld does not start: ${readFileSync(join(folder, 'log/slurmctld'), 'utf8').slice(-1000)}`);
  }

  const daemons = new Map<string, ChildProcess>();
  const startNode = (name: string) => void daemons.set(name, spawn('slurmd', ['-D', '-N', name], options));
  await startController();
  for (const name of nodes) startNode(name);
  const states = () => slurm('sinfo', '--noheader', '--Node', '--format=%T').trim().split('\n');
  for (let tries = 0; states().some((state) => state !== 'idle'); tries++) {
    if (tries > 200)
      throw new Error(`slurmd does not start: ${readFileSync(join(folder, 'log/slurmd-node1'), 'utf8').slice(-1000)}`);
    await pause(100);
  }
  return {
    env,
    nodes,
    slurm,
    startController,
    startNode,
    killNode: (name) => void daemons.get(name)!.kill('SIGKILL'),
    setBroken(isBroken) {
      if (isBroken) writeFileSync(broken, '');
      else rmSync(broken, { force: true });
    },
    resume() {
      for (const [i, state] of states().entries()) {
        if (/drain/.test(state)) slurm('scontrol', 'update', `NodeName=${nodes[i]}`, 'State=RESUME');
      }
    },
    killController: () => void controller.kill('SIGKILL'),
    stop() {
      try {
        slurm('scancel', `--user=${user}`, '--signal=KILL');
      } catch {
        // The controller may be gone already.
      }
      for (const child of [...daemons.values(), controller]) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
