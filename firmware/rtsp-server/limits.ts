/** What players may take of the box. Recording shares the processor with the doors, so every one of them has an end. */
export const LIMITS = {
  connections: 256,
  connectionsPerAddress: 64,
  /** Streams that are read with one RTSP password; the setting rtspServer.maxReaders limits all together. */
  readersPerPassword: 32,
  headBytes: 16 << 10,
  /** Of requests, where they mean nothing, and of packets that come from a player. */
  bodyBytes: 16 << 10,
  /** Requests that wait for the one before. */
  waitingRequests: 16,
  requestsPerWindow: 200,
  requestWindowMs: 10_000,
  handshakeMs: 10_000,
  /** Until somebody has shown who they are. */
  strangerMs: 15_000,
  /** Without anything asked; players are told to give a sign of life more often. */
  sessionS: 60,
  /** A little more, because signs of life come late. */
  sessionGraceMs: 10_000,
  /** On its way to one player: more is not put on a line that does not take it. */
  backlogBytes: 512 << 10,
  /** A line that has taken nothing for so long is dead. */
  stuckMs: 30_000,
  /** How long somebody waits for a camera's first picture, and for its sound behind that. */
  pictureMs: 8000,
  soundMs: 1500,
} as const;
