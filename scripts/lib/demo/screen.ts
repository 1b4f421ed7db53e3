const COLOURS: Readonly<Record<string, number>> = { '●': 32, '○': 33, '!': 33 };

/** Where the figures go: a block that is refreshed in place on a terminal, else lines now and then. */
export class Screen {
  readonly isTerminal = process.stdout.isTTY && process.env['TERM'] !== 'dumb';
  #drawn = 0;

  get size(): { columns: number; rows: number } {
    // Asked each time: this process is no part of the terminal's session and hears nothing of changes.
    const [columns, rows] = this.isTerminal ? process.stdout.getWindowSize() : [80, 24];
    return { columns: columns || 80, rows: rows || 24 };
  }

  /** Draws the block over the one before. */
  draw(lines: readonly string[]): void {
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : '';
    const text = lines.map((line) => `\r\x1b[2K${this.#coloured(line)}\n`).join('');
    process.stdout.write(`\x1b[?25l${up}${text}\x1b[J`);
    this.#drawn = lines.length;
  }

  /** A line that stays; below the block, which begins anew after it. */
  say(line: string): void {
    if (this.#drawn > 0) process.stdout.write('\x1b[?25h\n');
    this.#drawn = 0;
    process.stdout.write(`${line}\n`);
  }

  /** The first sign of a line says whether all is well there. */
  #coloured(line: string): string {
    const colour = COLOURS[line.slice(0, 1)];
    if (colour === undefined || process.env['NO_COLOR']) return line;
    return `\x1b[${colour}m${line.slice(0, 1)}\x1b[0m${line.slice(1)}`;
  }
}
