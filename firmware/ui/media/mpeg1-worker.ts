/**
 * Decodes one stream of MPEG-1 and paints it, in a thread of its own: what it takes slows no tile and no click. Its canvas comes with
 * the first message, then pictures, one each.
 */
import JSMpeg from '@cycjimmy/jsmpeg-player';

export type ToPainter =
  { readonly canvas: OffscreenCanvas } | { readonly bytes: Uint8Array<ArrayBuffer>; readonly wallUs: number };

/** The answer to each picture, in their order. */
export interface FromPainter {
  readonly wallUs: number;
  /** It is on the canvas, in this size. */
  readonly painted: boolean;
  readonly width: number;
  readonly height: number;
}

/** The decoder keeps what it has not decoded; a picture is far smaller. */
const BUFFER_BYTES = 2 << 20;

// The decoder takes its clock from there.
Object.assign(globalThis, { window: globalThis });

let canvas: OffscreenCanvas | undefined;
let painted = 0;
const decoder = new JSMpeg.Decoder.MPEG1Video({
  streaming: true,
  decodeFirstFrame: false,
  videoBufferSize: BUFFER_BYTES,
});
const demuxer = new JSMpeg.Demuxer.TS({});
demuxer.connect(JSMpeg.Demuxer.TS.STREAM.VIDEO_1, decoder);

function painterOn(target: OffscreenCanvas): InstanceType<typeof JSMpeg.Renderer.Canvas2D> {
  try {
    return new JSMpeg.Renderer.WebGL({ canvas: target, preserveDrawingBuffer: true });
  } catch {
    // No graphics processor to be had.
    return new JSMpeg.Renderer.Canvas2D({ canvas: target });
  }
}

function begin(target: OffscreenCanvas): void {
  canvas = target;
  const painter = painterOn(target);
  decoder.connect({
    resize: (width, height) => painter.resize(width, height),
    render: (...planes) => {
      painted++;
      painter.render(...planes);
    },
  });
}

function show(bytes: Uint8Array<ArrayBuffer>, wallUs: number): void {
  const before = painted;
  demuxer.write(bytes);
  while (decoder.decode());
  const { width = 0, height = 0 } = canvas ?? {};
  postMessage({ wallUs, painted: painted > before, width, height } satisfies FromPainter);
}

addEventListener('message', ({ data }: MessageEvent<ToPainter>) => {
  if ('canvas' in data) begin(data.canvas);
  else show(data.bytes, data.wallUs);
});
