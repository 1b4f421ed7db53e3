import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { run } from './tool.ts';

/** The independent peers of the tests: cameras, readers, browsers and disks of another hand. */
const PACKAGES = [
  'ffmpeg',
  'gstreamer1.0-tools',
  'gstreamer1.0-rtsp',
  'gstreamer1.0-plugins-base',
  'gstreamer1.0-plugins-good',
  'gstreamer1.0-plugins-bad',
  'gstreamer1.0-plugins-ugly',
  'gstreamer1.0-libav',
  'gir1.2-gst-rtsp-server-1.0',
  'python3-gi',
  'nbdkit',
  'nbdkit-plugin-python',
  'libnbd-bin',
  'xfsprogs',
  'e2fsprogs',
  'util-linux',
  'smartmontools',
  'fuse3',
  'chromium',
  'iproute2',
  'faketime',
  'onvif-tools',
];

/**
 * Installs what the tests need and this machine lacks, where that is allowed (root on a Debian). Elsewhere the tests that need
 * a missing program skip with a message.
 */
export async function installPeers(): Promise<void> {
  if (!existsSync('/usr/bin/apt-get') || !existsSync('/usr/bin/dpkg-query')) {
    console.log('No Debian here: tests whose programs are missing will skip.');
    return;
  }
  const missing = PACKAGES.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    console.log(`Tests may skip; as root I would install: ${missing.join(' ')}`);
    return;
  }
  console.log(`Installing for the tests: ${missing.join(' ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['-qq', 'update'], env);
  const options = ['-qq', '-y', '--no-install-recommends', '-o', 'Dpkg::Use-Pty=0'];
  if ((await run('apt-get', [...options, 'install', ...missing], env)) === 0) return;
  // One name that this release does not have must not cost the others.
  for (const name of missing) await run('apt-get', [...options, 'install', name], env);
}

function isInstalled(name: string): boolean {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Status}', name], { encoding: 'utf8' });
  return stdout.includes('install ok installed');
}
