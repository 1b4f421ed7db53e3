/** Which picture a recording holds at an instant: read from its files by ffmpeg, whatever the box or a browser says of them. */
import { burntNumbers, probe } from './ffprobe.ts';

interface NumberedPicture {
  readonly wallUs: number;
  readonly number: number;
}

export class RecordedNumbers {
  readonly #pictures: readonly NumberedPicture[];

  private constructor(pictures: readonly NumberedPicture[]) {
    this.#pictures = pictures;
  }

  /** Of finished segments, in order. */
  static async of(segments: readonly { readonly file: string; readonly startUs: number }[]): Promise<RecordedNumbers> {
    const pictures: NumberedPicture[] = [];
    for (const { file, startUs } of segments) {
      const { streams, packets } = await probe(file);
      const video = streams.find(({ kind }) => kind === 'video')!;
      const [above = 1, below = 1] = video.timeBase.split('/').map(Number);
      const times = packets.flatMap(({ stream, pts }) => (stream === video.index && pts !== undefined ? [pts] : []));
      times.sort((a, b) => a - b);
      const codes = await burntNumbers(file);
      if (codes.length !== times.length) throw new Error(`${file}: ${codes.length} pictures at ${times.length} times`);
      times.forEach((time, at) => {
        const wallUs = startUs + ((time - times[0]!) * above * 1e6) / below;
        pictures.push({ wallUs, number: codes[at]?.number ?? -1 });
      });
    }
    return new RecordedNumbers(pictures);
  }

  /** When the picture with this number is to be seen, nearest to an instant; undefined if none is within so many pictures. */
  timeOf(number: number, nearUs: number, within: number): number | undefined {
    const near = this.#pictures.findLastIndex((picture) => picture.wallUs <= nearUs);
    for (let away = 0; away <= within; away++) {
      for (const at of [near - away, near + away]) {
        if (this.#pictures[at]?.number === number) return this.#pictures[at].wallUs;
      }
    }
    return undefined;
  }

  /** The number of the picture that is to be seen at an instant. */
  at(wallUs: number): number {
    const found = this.#pictures.findLast((picture) => picture.wallUs <= wallUs);
    if (!found) throw new Error(`nothing is recorded at ${wallUs}`);
    return found.number;
  }
}
