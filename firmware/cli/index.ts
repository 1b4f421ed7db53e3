/** The door for people and scripts on the machine itself: commands, and the Unix socket behind them. Runs in: main. */
export { runCommandLine, type CommandLineBox } from './command-line.ts';
export { FolderLock } from './folder-lock.ts';
export { SocketDoor } from './socket-door.ts';
