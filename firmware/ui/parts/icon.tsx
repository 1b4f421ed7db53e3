import type { JSX } from 'preact';

/** Strokes of 24 by 24; nothing is filled. */
const ICONS = {
  box: [
    'M6 3h12a3 3 0 0 1 3 3v12a3 3 0 0 1-3 3H6a3 3 0 0 1-3-3V6a3 3 0 0 1 3-3z',
    'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z',
    'M17 6.9h.01',
  ],
  home: ['M4 11 12 4l8 7', 'M6 10v9h4v-5h4v5h4v-9'],
  live: ['M4 4h7v7H4z', 'M13 4h7v7h-7z', 'M4 13h7v7H4z', 'M13 13h7v7h-7z'],
  playback: ['M4 12a8 8 0 1 0 2.5-5.8', 'M4 4v4h4', 'M12 8v4.5l3 1.8'],
  files: ['M4 6h6l2 2h8v11H4z'],
  camera: ['M3 7h12v10H3z', 'm15 11 6-3v8l-6-3'],
  storage: [
    'M5 6c0-1.7 3.1-3 7-3s7 1.3 7 3-3.1 3-7 3-7-1.3-7-3z',
    'M5 6v12c0 1.700 3.100 3 7 3s7-1.300 7-3V6',
    'M5 12c0 1.700 3.100 3 7 3s7-1.300 7-3',
  ],
  assurance: ['M4 6h16v14H4z', 'M4 10h16', 'M8 3v4', 'M16 3v4', 'm9 15 2 2 4-4'],
  system: ['M3 12h4l3-8 4 16 3-8h4'],
  more: ['M5 12h.01', 'M12 12h.01', 'M19 12h.01'],
  warning: ['M12 4 2.500 20h19z', 'M12 10v4', 'M12 17h.01'],
  check: ['m5 12.500 4.500 4.500L19 7.500'],
  close: ['m6 6 12 12', 'm18 6-12 12'],
  plus: ['M12 5v14', 'M5 12h14'],
  search: ['M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14z', 'm16.500 16.500 4 4'],
  left: ['m14.500 6-6 6 6 6'],
  right: ['m9.500 6 6 6-6 6'],
  down: ['m6 9.500 6 6 6-6'],
  up: ['m6 14.500 6-6 6 6'],
  download: ['M12 4v11', 'm7 10.500 5 5 5-5', 'M4 20h16'],
  print: ['M7 8V4h10v4', 'M4 8h16v8h-3v4H7v-4H4z', 'M8 14h8'],
  copy: ['M9 9h11v11H9z', 'M5 15H4V4h11v1'],
  sun: [
    'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z',
    'M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.400 1.400M17.600 17.600 19 19M5 19l1.400-1.400M17.600 6.400 19 5',
  ],
  user: ['M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8z', 'M4.500 20c1-4 4-5.500 7.500-5.500s6.500 1.500 7.500 5.500'],
  clock: ['M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z', 'M12 8v4.500l3 1.500'],
  refresh: ['M20 12a8 8 0 1 1-2.500-5.800', 'M20 4v4h-4'],
  record: ['M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14z', 'M12 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4z'],
  key: ['M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8z', 'm11 12 8-8', 'm16 7 3 3'],
  lock: ['M6 11h12v9H6z', 'M8.500 11V8a3.500 3.500 0 0 1 7 0v3'],
  sound: ['M4 9.500h3.500L12 6v12l-4.500-3.500H4z', 'M15.500 9a4 4 0 0 1 0 6', 'M18 6.500a8 8 0 0 1 0 11'],
  mute: ['M4 9.500h3.500L12 6v12l-4.500-3.500H4z', 'm16 10 4 4', 'm20 10-4 4'],
  snapshot: ['M4 8h4l1.500-2.500h5L16 8h4v11H4z', 'M12 10a3.200 3.200 0 1 0 0 6.400 3.200 3.200 0 0 0 0-6.400z'],
  full: ['M4 9V4h5', 'M15 4h5v5', 'M20 15v5h-5', 'M9 20H4v-5'],
  move: [
    'M12 3v18',
    'M3 12h18',
    'm9.500 5.500 2.500-2.500 2.500 2.500',
    'm9.500 18.500 2.500 2.500 2.500-2.500',
    'm5.500 9.500-2.500 2.500 2.500 2.500',
    'm18.500 9.500 2.500 2.500-2.500 2.500',
  ],
  steer: ['M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z', 'm10 8 2-2 2 2', 'm10 16 2 2 2-2', 'm8 10-2 2 2 2', 'm16 10 2 2-2 2'],
  tour: ['M4 9h13', 'm14 5 4 4-4 4', 'M20 16H7', 'm10 12-4 4 4 4'],
  play: ['M8 5v14l11-7z'],
  pause: ['M8 5v14', 'M16 5v14'],
  forth: ['M6 6v12l8-6z', 'M18 6v12'],
  back: ['M18 6v12l-8-6z', 'M6 6v12'],
  faster: ['m6 6 6 6-6 6', 'm13 6 6 6-6 6'],
  slower: ['m18 6-6 6 6 6', 'm11 6-6 6 6 6'],
  minus: ['M5 12h14'],
} as const;

export type IconName = keyof typeof ICONS;

/** Only beside words that say the same: it is hidden from readers. */
export function Icon({ name, size }: { name: IconName; size?: 's' | 'l' }): JSX.Element {
  return (
    <svg class={`icon${size ? ` icon-${size}` : ''}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {ICONS[name].map((line) => (
        <path key={line} d={line} />
      ))}
    </svg>
  );
}
