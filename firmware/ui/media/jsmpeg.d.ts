/** What the window uses of the MPEG-1 decoder; its player, sources and sound are not used. */
declare module '@cycjimmy/jsmpeg-player' {
  /** Takes decoded pictures. */
  interface Destination {
    resize(width: number, height: number): void;
    render(y: Uint8ClampedArray, cb: Uint8ClampedArray, cr: Uint8ClampedArray, isClamped: boolean): void;
  }

  interface Decoder {
    connect(destination: Destination): void;
    write(pts: number, buffers: Uint8Array[]): void;
    /** One picture; false if there is no whole one. */
    decode(): boolean;
  }

  interface Demuxer {
    connect(streamId: number, decoder: Decoder): void;
    write(bytes: Uint8Array | ArrayBuffer): void;
  }

  interface RendererOptions {
    readonly canvas: OffscreenCanvas;
    readonly preserveDrawingBuffer?: boolean;
  }

  const JSMpeg: {
    readonly Demuxer: {
      readonly TS: { new (options: object): Demuxer; readonly STREAM: { readonly VIDEO_1: number } };
    };
    readonly Decoder: {
      readonly MPEG1Video: new (options: {
        streaming: boolean;
        decodeFirstFrame: boolean;
        videoBufferSize: number;
      }) => Decoder;
    };
    readonly Renderer: {
      readonly WebGL: new (options: RendererOptions) => Destination;
      readonly Canvas2D: new (options: RendererOptions) => Destination;
    };
  };
  export default JSMpeg;
}
