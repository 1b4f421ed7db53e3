import type { JSX } from 'preact';
import { may } from '../../box/session.ts';
import { parts } from '../../shell/route.ts';
import { AddCamera } from './add.tsx';
import { FindCameras } from './find.tsx';
import { CameraList } from './list.tsx';
import { CameraTable } from './table.tsx';

/** `/cameras`, `/cameras/add`, `/cameras/add/address`, `/cameras/add/table`, `/cameras/<id>`. */
export function Cameras(): JSX.Element {
  const [, id, how] = parts.value;
  if (id !== 'add' || !may('cameras')) return <CameraList chosen={id} />;
  if (how === 'address') return <AddCamera />;
  if (how === 'table') return <CameraTable />;
  return <FindCameras />;
}
