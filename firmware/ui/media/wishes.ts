/** What a picture is to show: a camera now. */
export interface LiveWish {
  readonly kind: 'live';
  readonly camera: string;
  readonly stream: string;
  readonly pixels: number;
  readonly sound: boolean;
  /** As the camera sends it, or converted by the box. */
  readonly form: 'mp4' | 'mpeg1';
  /** Also of a camera that is not trusted. */
  readonly anyway?: boolean;
}

/** Or its recordings, from an instant on. */
export interface PlayWish {
  readonly kind: 'play';
  readonly camera: string;
  readonly stream: string;
  readonly atUs: number;
  readonly speed: number;
  readonly sound: boolean;
}
