import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileSystem, fileSystemOf } from '../../src/store/file-system.js';

it('the file system that a folder is on', () => {
  const mounts = 'dev / ext4 rw 0 0\nnas:/x /home nfs4 rw 0 0\nlustre /home/a\\040b lustre rw 0 0\n';
  expect(fileSystemOf('/home/me/runs', mounts)).toBe('nfs4');
  expect(fileSystemOf('/home/a b/runs', mounts)).toBe('lustre');
  expect(fileSystemOf('/homes', mounts)).toBe('ext4');
});

it.runIf(process.platform === 'linux')(
  'a folder is where its links lead to, and where it will be once it is made',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'mm1-mounts-'));
    mkdirSync(join(folder, 'deep'));
    symlinkSync('/proc', join(folder, 'deep', 'link'));
    expect(fileSystem('/proc')).toEqual({ type: 'proc', isShared: true });
    expect(fileSystem(join(folder, 'deep', 'link', 'self'))).toEqual({ type: 'proc', isShared: true });
    expect(fileSystem(join(folder, 'not', 'there'))).toEqual(fileSystem(folder));
  },
);
