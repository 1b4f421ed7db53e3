/** Gives text to the browser as a file. */
export function downloadText(name: string, text: string, type: string): void {
  download(name, new Blob([text], { type }));
}

/** The same with a picture, in base64. */
export function downloadJpeg(name: string, base64: string): void {
  const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
  download(name, new Blob([bytes], { type: 'image/jpeg' }));
}

function download(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
