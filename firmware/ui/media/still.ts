const QUALITY = 0.7;

/** What a picture shows now, as wide as is wanted or as it comes. Undefined while it shows nothing. */
export function paint(
  from: HTMLVideoElement | HTMLCanvasElement,
  size: { readonly width: number; readonly height: number },
  wanted: number = size.width,
): HTMLCanvasElement | undefined {
  if (size.width === 0) return undefined;
  const canvas = document.createElement('canvas');
  canvas.width = wanted;
  canvas.height = Math.round((size.height * wanted) / size.width);
  canvas.getContext('2d')!.drawImage(from, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** In base64. */
export function jpegOf(canvas: HTMLCanvasElement | undefined): string | undefined {
  return canvas?.toDataURL('image/jpeg', QUALITY).split(',')[1];
}
