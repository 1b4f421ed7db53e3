import type { Clock } from '../base/index.ts';
import type { EvidenceSigner } from './evidence-key.ts';
import { ExportShelf } from './export-shelf.ts';
import { keyPicture, type KeyPicture } from './key-picture.ts';
import type { FootageFinder, PlaySink, PlayWish } from './play-ports.ts';
import { Player } from './player.ts';
import { VolumeGate } from './volume-gate.ts';

export interface PlaybackHouseDeps {
  readonly finder: FootageFinder;
  readonly clock: Pick<Clock, 'wallUs'>;
  /** What exports say of where they come from. */
  box(): { readonly id: string; readonly name: string };
  /** Who signs them. Rejects with exports.no-key. */
  signer(): Promise<EvidenceSigner>;
}

/** Plays recordings to whoever asks and makes films of them; all who read a volume share its gate. */
export class PlaybackHouse {
  readonly exports: ExportShelf;
  readonly #finder: FootageFinder;
  readonly #gates = new Map<string, VolumeGate>();

  constructor(deps: PlaybackHouseDeps) {
    this.#finder = deps.finder;
    const gateOf = (volume: string): VolumeGate => this.#gateOf(volume);
    const { finder, clock } = deps;
    this.exports = new ExportShelf({ finder, clock, box: () => deps.box(), signer: () => deps.signer(), gateOf });
  }

  /** Plays until the player is ended; what is wrong comes through the sink. */
  play(wish: PlayWish, sink: PlaySink): Player {
    return new Player(wish, sink, { finder: this.#finder, gateOf: (volume) => this.#gateOf(volume) });
  }

  /** One picture of an instant, as a film of its own. Rejects with playback.nothing-there, playback.unreadable, mp4.damaged, mp4.not-ours. */
  picture(camera: string, stream: string, atUs: number): Promise<KeyPicture> {
    return keyPicture({ camera, stream, atUs }, { finder: this.#finder, gateOf: (volume) => this.#gateOf(volume) });
  }

  #gateOf(volume: string): VolumeGate {
    let gate = this.#gates.get(volume);
    if (!gate) this.#gates.set(volume, (gate = new VolumeGate(volume)));
    return gate;
  }
}
