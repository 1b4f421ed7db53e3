import type { ErrorInfo } from './error-info.ts';

/** Cameras: the wire, discovery, identity, steering. */
export const CAMERAS_ERRORS = {
  // The wire to a camera.
  'rtsp.unauthorized': {
    kind: 'caller',
    what: 'The camera refused the user name or password.',
    advice: 'Check the user name and password of the camera, and that the account may watch video.',
  },
  'rtsp.refused': {
    kind: 'later',
    what: 'Nothing accepts connections at the address and port of the camera.',
    advice: 'Check the port in the URL and that RTSP is switched on in the camera.',
  },
  'rtsp.timeout': {
    kind: 'later',
    what: 'The camera did not answer in time.',
    advice: 'Check the network between box and camera; restart the camera if it answers nothing at all.',
  },
  'rtsp.unreachable': {
    kind: 'later',
    what: 'There is no way through the network to the camera.',
    advice: 'Check the address, the cable and the power of the camera, and the routes of the box.',
  },
  'rtsp.too-many-clients': {
    kind: 'later',
    what: 'The camera serves as many viewers as it can and refuses another one.',
    advice: 'Disconnect other recorders and viewers from the camera; let them take the stream from the box.',
  },
  'rtsp.codec-unsupported': {
    kind: 'caller',
    what: 'The camera sends video in a form that the box cannot store.',
    advice: 'Set the stream to H.264 or H.265 in the camera.',
  },
  'rtsp.not-found': {
    kind: 'missing',
    what: 'The camera does not know the path in the URL.',
    advice: "Check the path of the stream's URL against the camera's manual, or let the box find it.",
  },
  'rtsp.protocol': {
    kind: 'later',
    what: 'The camera answered something that is not valid RTSP.',
    advice: 'Check that the port is the RTSP port; update or restart the camera if it is.',
  },
  'rtsp.forbidden': {
    kind: 'caller',
    what: 'The camera knows the user but does not let it watch this stream.',
    advice: 'Give the user of the camera the right to watch video, or use another user.',
  },
  'rtsp.camera-error': {
    kind: 'later',
    what: 'The camera reported an error of its own.',
    advice: 'The box tries again by itself; restart or update the camera if it stays.',
  },
  'rtsp.transport-refused': {
    kind: 'caller',
    what: 'The camera offers no transport that the box may use.',
    advice:
      'Set the transport of the stream to automatic, and allow RTSP over TCP in the camera, or RTSP over HTTP if the address begins with rtsph.',
  },
  'rtsp.media-stopped': {
    kind: 'later',
    what: 'The camera is connected but sends no video.',
    advice: 'Check the camera and the network; with UDP check that no firewall drops the packets, or use TCP.',
  },
  'rtsp.closed': {
    kind: 'later',
    what: 'The camera closed the connection.',
    advice: 'The box connects again by itself; restart or update the camera if it happens often.',
  },
  'rtsp.bad-url': {
    kind: 'caller',
    what: 'The URL of the stream is not an RTSP URL.',
    advice:
      'Enter a URL of the form rtsp://address/path (rtsph:// through the web port); user name and password have fields of their own.',
  },
  'rtsp.redirected': {
    kind: 'caller',
    what: 'The camera sends the box to another address, and the box does not follow it.',
    advice: 'Enter the new address as the URL of the stream, if you trust it.',
  },
  'rtsp.tls': {
    kind: 'caller',
    what: 'The encrypted connection to the camera could not be trusted or set up.',
    advice: 'Check the certificate of the camera, or switch its verification off for this camera.',
  },
  // Cameras: where they may be, who they are.
  'cameras.address-refused': {
    kind: 'caller',
    what: 'The address is not one at which the box looks for cameras.',
    advice:
      'Check the address. If a camera of yours is there, add its network to the camera networks (setting terminals.networks).',
  },
  // What a camera is asked by ONVIF.
  'onvif.bad-address': {
    kind: 'caller',
    what: 'The ONVIF address of the camera is not one.',
    advice: 'Give a host, a host with its port, or an address that begins with http:// or https://.',
  },
  'onvif.bad-range': {
    kind: 'caller',
    what: 'A range of addresses to be searched is not understood or too large.',
    advice: 'Write it as 192.168.1.0/24 or 192.168.1.20-192.168.1.60, at most 4096 addresses each.',
  },
  'onvif.unauthorized': {
    kind: 'caller',
    what: 'The camera refused the user name or password by ONVIF.',
    advice:
      'Check both. Several makers keep users for ONVIF apart from those of the web page: add one there, and switch ONVIF on.',
  },
  'onvif.forbidden': {
    kind: 'caller',
    what: 'The camera knows the user but does not let it do this.',
    advice: 'Give the user of the camera the right of an administrator or operator, or use another user.',
  },
  'onvif.unreachable': {
    kind: 'later',
    what: 'Nothing answers at the ONVIF address of the camera.',
    advice:
      'Check address and port (80, 8000, 8080, 8899 and 2020 are common), and that ONVIF is switched on in the camera.',
  },
  'onvif.timeout': {
    kind: 'later',
    what: 'The camera did not answer by ONVIF in time.',
    advice: 'Check the network between box and camera; restart the camera if it answers nothing at all.',
  },
  'onvif.not-supported': {
    kind: 'missing',
    what: 'The camera does not offer this by ONVIF.',
    advice: 'Use what the camera offers, or its own web page.',
  },
  'onvif.refused': {
    kind: 'later',
    what: 'The camera refused what it was asked by ONVIF.',
    advice: 'Try again; restart or update the camera if it stays.',
  },
  'onvif.busy': {
    kind: 'later',
    what: 'The camera has no room for another client of its ONVIF service.',
    advice: 'Disconnect other recorders and programs from the camera, or wait some minutes until it forgets them.',
  },
  'onvif.bad-answer': {
    kind: 'later',
    what: 'The camera answered something that is no ONVIF.',
    advice: 'Check that the port is the one of ONVIF; update or restart the camera if it is.',
  },
  'onvif.answer-too-large': {
    kind: 'later',
    what: 'The answer of the camera is larger than any honest answer, so it was not read.',
    advice: 'Check which device has this address; restart or update the camera.',
  },
  'onvif.hostile-xml': {
    kind: 'later',
    what: 'The answer of the camera is made to harm whoever reads it, so it was not read.',
    advice:
      'Check which device has this address. An attacker may have taken its place, or the firmware may be altered.',
  },
  'cameras.no-onvif': {
    kind: 'missing',
    what: 'The box knows no ONVIF address of this camera, so it can only be watched and recorded.',
    advice: 'Search for cameras, or enter the ONVIF address of the camera, with a user of the camera that may use it.',
  },
  'cameras.untrusted': {
    kind: 'caller',
    what: 'The camera is not the one that was added, so its live picture is held back and it is neither steered nor changed.',
    advice:
      'Look at what has changed. Confirm the camera if you have replaced or reset it yourself; else find out what stands in its place.',
  },
  'cameras.changed-identity': {
    kind: 'lost',
    what: 'A camera says that it is another one than the one that was added. It is recorded, but its pictures are not to be trusted.',
    advice:
      'Go and look. Confirm the camera if you have replaced or reset it yourself; else somebody may have put another device in its place.',
  },
  'cameras.nothing-to-confirm': {
    kind: 'missing',
    what: 'The identity of this camera has not changed.',
    advice: 'Nothing is to be done.',
  },
  'cameras.not-watched': {
    kind: 'later',
    what: 'The camera does not answer by ONVIF: it cannot be steered, and its events are not heard. Recording does not need it.',
    advice:
      'Check that ONVIF is switched on in the camera, and the user name and password; the box tries again by itself.',
  },
  'cameras.clock-off': {
    kind: 'caller',
    what: 'The clock of the camera is more than a minute off; times in its pictures mislead.',
    advice: 'Set it, or let the box set the clocks of all cameras (setting terminals.clock).',
  },
  'cameras.events-not-written': {
    kind: 'later',
    what: 'Events of cameras could not be written down; they still begin recordings.',
    advice: 'Check the space on the disk with the data folder, and that the folder can be written.',
  },
  'cameras.already-there': {
    kind: 'caller',
    what: 'This camera is in the settings already.',
    advice: 'Nothing is to be done; change the camera that is there if its address is another one.',
  },
  'cameras.bad-table': {
    kind: 'caller',
    what: 'The table of cameras is not understood.',
    advice: 'Export the cameras to see the columns; the first line names them.',
  },
  'cameras.no-room': {
    kind: 'caller',
    what: 'With these cameras the disks would keep less than a day of footage.',
    advice: 'Add a disk, or add fewer cameras; or add them all the same if that is what you want.',
  },
  'ptz.taken': {
    kind: 'later',
    what: 'Somebody else is steering the camera.',
    advice: 'Ask them for it, or wait until they let go of it; after 30 seconds without a move it is free.',
  },
  'ptz.bad-picture': {
    kind: 'caller',
    what: 'This cannot be kept as the picture of a preset.',
    advice: 'It must be a JPEG of at most 32 kB, and a camera has at most 300 of them.',
  },
  'ptz.not-movable': {
    kind: 'missing',
    what: 'The camera has nothing that can be moved from here.',
    advice: 'Check that PTZ is switched on in the camera, and that the user of the box may use it.',
  },
} as const satisfies Record<string, ErrorInfo>;
