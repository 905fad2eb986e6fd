import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
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

/** A cluster of one machine: a real slurmctld and a real slurmd, started by hand. */
export interface Cluster {
  /** What makes Slurm's commands find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs one of Slurm's commands. @returns what it said */
  slurm(program: string, ...args: string[]): string;
  /** Ends the controller as a crash does, or starts it again. */
  killController(): void;
  startController(): Promise<void>;
  /** What an operator does after a crash: the controller gives a job's number again, and takes the node that knows it already out of use. */
  resume(): void;
  stop(): void;
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/**
 * Starts a cluster with so many cores, whatever the machine has, without systemd, munge or passwords: nothing of it is fit for anything
 * but tests.
 */
export async function startCluster(cores = 8): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'mm1-slurm-'));
  for (const name of ['state', 'spool', 'log']) mkdirSync(join(folder, name));
  const [node] = hostname().split('.');
  const user = userInfo().username;
  const [controllerPort, nodePort] = [await freePort(), await freePort()];
  const file = join(folder, 'slurm.conf');
  writeFileSync(
    file,
    `ClusterName=mm1
SlurmctldHost=${node}(127.0.0.1)
SlurmctldPort=${controllerPort}
SlurmdPort=${nodePort}
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
MinJobAge=60
JobRequeue=1
KillWait=5
MpiDefault=none
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/log/slurmctld
SlurmdLogFile=${folder}/log/slurmd
NodeName=${node} NodeAddr=127.0.0.1 CPUs=${cores} RealMemory=8000 State=UNKNOWN
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

  await startController();
  const daemon = spawn('slurmd', ['-D'], options);
  for (let tries = 0; !/idle/.test(slurm('sinfo', '--noheader')); tries++) {
    if (tries > 200)
      throw new Error(`slurmd does not start: ${readFileSync(join(folder, 'log/slurmd'), 'utf8').slice(-1000)}`);
    await pause(100);
  }
  return {
    env,
    slurm,
    startController,
    resume() {
      if (slurm('sinfo', '--noheader', '--format=%T').includes('drain'))
        slurm('scontrol', 'update', `NodeName=${node}`, 'State=RESUME');
    },
    killController: () => void controller.kill('SIGKILL'),
    stop() {
      try {
        slurm('scancel', `--user=${user}`, '--signal=KILL');
      } catch {
        // The controller may be gone already.
      }
      for (const child of [daemon, controller]) child.kill('SIGKILL');
    },
  };
}
