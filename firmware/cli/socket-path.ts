import { open, type FileHandle } from 'node:fs/promises';

/** The box's Unix socket in the data folder. */
const SOCKET_NAME = 'ipvs.sock';

/**
 * A path to the socket that fits into the 107 bytes that Linux allows (unix(7)), however deep the data folder lies. It is
 * valid while the returned handle on the folder stays open.
 */
export async function shortSocketPath(dataFolder: string): Promise<{ path: string; folder: FileHandle }> {
  const folder = await open(dataFolder, 'r');
  return { path: `/proc/self/fd/${folder.fd}/${SOCKET_NAME}`, folder };
}
