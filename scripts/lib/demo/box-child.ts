/** The box as a child of npm start: the firmware as it is, which ends cleanly if its parent dies. */
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
await import('../../../firmware/main.ts');
