/** RTSP for players and other recorders: live streams as RTP, as the cameras send them. Runs in: main. */
export { RtspServer, type RtspServerPorts } from './rtsp-server.ts';
