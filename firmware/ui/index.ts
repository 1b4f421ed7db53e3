/** The operator's window. Runs in: browser. */
import './style/index.ts';
import { openWindow } from './shell/window.tsx';

await openWindow(document.querySelector('#window')!);
