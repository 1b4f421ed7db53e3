/**
 * Who or what has to act on an error: `caller` (the request or the settings are wrong), `missing` (the thing asked for does
 * not exist), `later` (trying again may succeed), `lost` (data is gone or doubtful), `bug` (the firmware is wrong).
 */
export type ErrorKind = 'caller' | 'missing' | 'later' | 'lost' | 'bug';

export interface ErrorInfo {
  readonly kind: ErrorKind;
  /** What happened, in plain words, for a person who has never seen the source. */
  readonly what: string;
  /** What that person can do now. */
  readonly advice: string;
}

/**
 * Every error that may leave the process. A code is `area.what`, is never renamed or reused, and appears in docs/errors.md,
 * which is generated from here (`npm run docs`).
 */
export const ERROR_CODES = {
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
    advice: 'Wait until they let go of it; after ten seconds without a move it is free.',
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

  // Disks.
  'storage.not-ours': {
    kind: 'caller',
    what: 'The disk carries no identity of this box, or that of another volume.',
    advice: 'Check that the right disk is plugged in; adopt it if its footage is to be used here.',
  },
  'storage.not-mounted': {
    kind: 'later',
    what: 'The disk of a volume is not there.',
    advice: 'Check the cable and power of the disk and plug it in again.',
  },
  'storage.full': {
    kind: 'later',
    what: 'There is no space left on the volume.',
    advice: 'Free space, unlock footage that is no longer needed, or add a disk.',
  },
  'storage.read-only': {
    kind: 'later',
    what: 'The volume accepts no writes.',
    advice: 'Check the disk: a file system that found damage turns read-only. Check the permissions of the folder.',
  },
  'storage.io': {
    kind: 'lost',
    what: 'The disk reported an error while reading or writing.',
    advice: 'Look at the health of the disk and replace it if the error comes again.',
  },
  'storage.hung': {
    kind: 'later',
    what: 'The disk has not answered for a long time.',
    advice: 'Check the cable and power of the disk; replace it if it hangs again.',
  },
  'storage.corrupt': {
    kind: 'lost',
    what: 'A file on the volume does not hold what the box wrote.',
    advice: 'Run the check of the volume; it repairs what can be repaired and names the rest.',
  },

  // The catalogue of recordings.
  'catalogue.restarting': {
    kind: 'later',
    what: 'The catalogue of recordings is being started again; recording goes on.',
    advice: 'Ask again in a few seconds. If it stays, check the space on the disk with the data folder.',
  },
  'catalogue.timeout': {
    kind: 'later',
    what: 'The catalogue of recordings did not answer in time.',
    advice: 'Ask again; while a large catalogue is being made anew, answers take longer.',
  },
  'catalogue.stopped': {
    kind: 'later',
    what: 'The catalogue of recordings has been stopped.',
    advice: 'Start the box again.',
  },
  'catalogue.failed': {
    kind: 'later',
    what: 'The catalogue of recordings could not do what was asked of it.',
    advice: 'Check the space and the health of the disk with the data folder, and of the volume that is named.',
  },
  'catalogue.no-such-volume': {
    kind: 'missing',
    what: 'The catalogue does not follow a volume of this id.',
    advice: 'List the volumes to see their ids and whether they are in use.',
  },

  // Space and locks.
  'space.short': {
    kind: 'later',
    what: 'The volume fills faster than its oldest footage can be deleted.',
    advice: 'Look at the health and the load of the disk; lower the bit rate of cameras or add a disk if it stays.',
  },
  'space.stuck': {
    kind: 'lost',
    what: 'The volume is full, and nothing that is left on it may be deleted.',
    advice: 'Lift locks that are no longer needed, let a group of cameras overwrite its footage, or add a disk.',
  },
  'space.ask': {
    kind: 'lost',
    what: 'The disks are full for a group of cameras that must not overwrite its footage; it has stopped recording.',
    advice: 'Answer with "ipvs space answer GROUP overwrite-once", add a disk, or set the group to overwrite.',
  },
  'space.kept-stopped': {
    kind: 'later',
    what: 'A group of cameras stands still because the disks are full, as its owner has decided.',
    advice: 'Add a disk, or answer with "ipvs space answer GROUP overwrite-once" when it is to record again.',
  },
  'space.no-question': {
    kind: 'caller',
    what: 'The group of cameras does not wait for an answer.',
    advice: 'Look with "ipvs space show" which groups are full; only those that stop when the disks are full ask.',
  },
  'space.too-old': {
    kind: 'later',
    what: 'Footage of a camera is older than its settings allow.',
    advice: 'Look whether the disk that holds it can be written and whether the box deletes; read its problems.',
  },
  'space.too-young': {
    kind: 'lost',
    what: 'Footage of a camera was deleted earlier than its owner wishes to keep it.',
    advice: 'Add a disk, lower the bit rate of cameras, or shorten what is wished; the planner says how much.',
  },
  'space.clock-ahead': {
    kind: 'later',
    what: 'The clock of the box is further ahead than can be explained, so it deletes nothing for its age yet.',
    advice:
      'Set the clock right; if it is right, say so with "ipvs space clock right". "ipvs space clock wrong" keeps footage until the clock is set.',
  },
  'space.clock-not-doubted': {
    kind: 'caller',
    what: 'Nobody doubts the clock of the box.',
    advice: 'Look at "ipvs space show"; there is nothing to answer.',
  },
  'locks.keeps': {
    kind: 'caller',
    what: 'The file is not deleted: a lock holds it.',
    advice: 'Nothing to do. Lift the lock if the footage is no longer needed.',
  },
  'locks.no-such-lock': {
    kind: 'missing',
    what: 'There is no lock with this id that still holds.',
    advice: 'List the locks to see their ids.',
  },
  'locks.not-kept': {
    kind: 'later',
    what: 'The lock is in force, but no disk has taken it down yet.',
    advice: 'Look whether a disk can be written; the box tries again by itself and lists the lock meanwhile.',
  },

  // Recorded files.
  'mp4.not-ours': {
    kind: 'caller',
    what: 'The file is not a recording of this firmware.',
    advice: 'Move files that do not belong to the box out of the folder of its recordings.',
  },
  'mp4.damaged': {
    kind: 'lost',
    what: 'A recorded file holds bytes that cannot be right.',
    advice: 'Run the check of the volume; look at the health of the disk if it happens again.',
  },
  'mp4.nothing-there': {
    kind: 'missing',
    what: 'There is nothing recorded in the range of time that was asked for.',
    advice: 'Choose a range that the timeline shows as recorded.',
  },

  'mp4.no-room': {
    kind: 'bug',
    what: 'The number of a copy does not fit into the place that the file has for it.',
    advice: 'The file stays where it is. Export it if the disk is failing.',
  },

  // Copying footage from one disk to another, and checking it while the box records.
  'evacuation.running': {
    kind: 'later',
    what: 'Footage is being copied off this disk.',
    advice: 'Leave the disk connected. ipvs jobs list shows how far it has come.',
  },
  'evacuation.incomplete': {
    kind: 'lost',
    what: 'Not all footage of the disk could be copied to other disks.',
    advice:
      'Locked footage comes first, then the newest. Make room or add a disk and start the copying again; what cannot be read is lost with the disk.',
  },
  'evacuation.no-target': {
    kind: 'later',
    what: 'There is no other disk that could take the footage.',
    advice: 'Add a disk (ipvs disks format or adopt), then start the copying again.',
  },
  'evacuation.differs': {
    kind: 'lost',
    what: 'What was read back of a copy is not what was written.',
    advice: 'The copy was thrown away. Look at the health of the disk that was copied to.',
  },
  'evacuation.not-as-sealed': {
    kind: 'lost',
    what: 'A file is no longer what it was when it was recorded.',
    advice: 'The file was copied as it is, and counts as doubtful. Look at the health of the disk.',
  },
  'check.findings': {
    kind: 'lost',
    what: 'The check of a disk found footage that is missing or damaged.',
    advice: 'Look at the health of the disk. Stop the box and run ipvs verify for the full list.',
  },
  'jobs.crashed': {
    kind: 'bug',
    what: 'Copying or checking footage broke down again and again, and was given up.',
    advice: 'Begin it again: what was copied is not copied twice. If it breaks down again, report it with the log.',
  },
  'jobs.busy': {
    kind: 'later',
    what: 'This is being done already.',
    advice: 'Wait until it is over.',
  },
  'storage.sync-failed': {
    kind: 'lost',
    what: 'The disk reported that it could not keep data that it had accepted before.',
    advice:
      'What was recorded just before may be lost. Look at the health of the disk and replace it if this comes again.',
  },
  'storage.no-sync': {
    kind: 'later',
    what: 'The program that makes a volume store its data safely did not run.',
    advice: 'The box uses its second way by itself. Check that the memory of the box is not exhausted.',
  },
  'storage.closed': {
    kind: 'later',
    what: 'The volume is being stopped and takes no more work.',
    advice: 'Try again when the volume is in use again.',
  },

  // Settings.
  'config.invalid': {
    kind: 'caller',
    what: 'A setting has a value that is not allowed.',
    advice: 'Correct the setting that is named; docs/settings.md lists what is allowed.',
  },
  'config.unknown-key': {
    kind: 'caller',
    what: 'The settings contain a name that the box does not know.',
    advice: 'Correct the spelling of the name, or remove it.',
  },
  'config.unreadable': {
    kind: 'lost',
    what: 'The settings could not be read.',
    advice: 'Check the settings file; the last good one stands beside it, named settings.json.last-good.',
  },

  'config.not-written': {
    kind: 'later',
    what: 'The settings could not be written; the old ones stay in force.',
    advice: 'Check the space on the disk with the data folder, and that the folder can be written.',
  },
  'config.not-opened': {
    kind: 'caller',
    what: 'The exported settings cannot be opened.',
    advice: 'Check the passphrase, and that the file is whole and of this firmware or an older one.',
  },

  // Operations asked of the box.
  'control.unknown-operation': {
    kind: 'missing',
    what: 'The box knows no operation of this name.',
    advice: 'Ask the box for the list of its operations.',
  },
  'control.bad-input': {
    kind: 'caller',
    what: 'The input of the operation is not valid.',
    advice: 'Correct the input that is named.',
  },
  'control.already-running': {
    kind: 'caller',
    what: 'Another box process already works with this data folder.',
    advice: 'Use the running one, or stop it first.',
  },
  'control.not-running': {
    kind: 'later',
    what: 'No box process is running for this data folder.',
    advice: 'Start the box, or check that the data folder is the right one.',
  },
  'control.no-data-folder': {
    kind: 'missing',
    what: 'The data folder does not exist.',
    advice: 'Name the right folder with --data; ipvs run, or adding the first camera, makes a new one.',
  },
  'control.box-runs': {
    kind: 'caller',
    what: 'This can only be done while the box is stopped.',
    advice: 'Stop the box, do it, and start the box again.',
  },
  'control.not-confirmed': {
    kind: 'caller',
    what: 'What cannot be undone has to be confirmed with the name of the box.',
    advice: 'Give the name of the box as the window and ipvs config show it.',
  },
  'control.no-such-camera': {
    kind: 'missing',
    what: 'There is no camera with this id.',
    advice: 'List the cameras to see their ids.',
  },
  'control.camera-exists': {
    kind: 'caller',
    what: 'There is already a camera with this id.',
    advice: 'Choose another id, or change the camera that is there.',
  },

  'control.not-signed-in': {
    kind: 'caller',
    what: 'This can only be asked by somebody who has signed in.',
    advice: 'Sign in. If you were signed in, the session has ended: sign in again.',
  },
  'control.forbidden': {
    kind: 'caller',
    what: 'You are not allowed to do this.',
    advice: 'Ask an administrator of the box for the right that is named.',
  },
  'control.no-such-job': {
    kind: 'missing',
    what: 'There is no job with this id.',
    advice: 'List the jobs; those that ended long ago, or before the last start, are forgotten.',
  },
  'control.job-goes-on': {
    kind: 'caller',
    what: 'The job cannot be stopped.',
    advice: 'Wait for its end, or look whether it is over already.',
  },
  'control.too-many-jobs': {
    kind: 'later',
    what: 'Too many jobs run already.',
    advice: 'Wait until some of them are over.',
  },

  // Recording.

  'recording.restarting': {
    kind: 'later',
    what: 'The recording part of the box is being started again.',
    advice: 'Ask again in a few seconds; look at the log for the reason.',
  },
  'recording.timeout': {
    kind: 'later',
    what: 'The recording part of the box did not answer in time.',
    advice: 'Ask again in a few seconds; look at the load of the box if it stays.',
  },
  'recording.out-of-group': {
    kind: 'later',
    what: 'No disk of the group that this camera is bound to takes recordings; others have taken over.',
    advice: 'Look at the disks of the group, or bind the camera to another group.',
  },
  'recording.missing': {
    kind: 'lost',
    what: 'The camera should be recorded now and is not.',
    advice: 'The reason stands beside it; check the power and the network of the camera, and the disks of the box.',
  },
  'planning.wish-at-risk': {
    kind: 'later',
    what: 'Footage of this camera will be deleted before the days that are wished for it are over.',
    advice: 'See what would help: ipvs disks plan.',
  },
  'planning.not-made': {
    kind: 'later',
    what: 'The forecast of the disks could not be made.',
    advice: 'Ask again; recording does not depend on it.',
  },
  'planning.no-such-proposal': {
    kind: 'missing',
    what: 'The plan has no such proposal now.',
    advice: 'Ask for the plan again; cameras, disks or settings have changed since.',
  },
  'planning.by-hand': {
    kind: 'caller',
    what: 'This proposal is not a setting of the box.',
    advice: 'Change the camera or the disk itself; the plan says how far.',
  },
  'recording.fewer-copies': {
    kind: 'later',
    what: 'This camera is to be written to two disks, and there is only one that takes recordings.',
    advice: 'Look at the disks, or add one.',
  },

  // Watching.
  'live.no-such-stream': {
    kind: 'missing',
    what: 'The camera has no stream of this name, or is switched off.',
    advice: 'Choose another stream of the camera, or switch the camera on in the settings.',
  },
  'live.too-many': {
    kind: 'later',
    what: 'As many pictures are being watched as one connection may have.',
    advice: 'Close some pictures first.',
  },
  'live.no-ffmpeg': {
    kind: 'missing',
    what: 'The box cannot convert pictures: the program ffmpeg is not installed on it.',
    advice:
      'Install ffmpeg on the box, use a browser that plays the codec of the camera, or let the camera send H.264.',
  },
  'live.mpeg1-full': {
    kind: 'later',
    what: 'As many pictures are being converted for browsers that cannot play them as the box may convert at a time.',
    advice:
      'Wait until another one is closed, use a browser that plays the codec of the camera, or raise live.mpeg1Places in the settings.',
  },
  'live.mpeg1-failed': {
    kind: 'later',
    what: 'The picture could not be converted for this browser. Recording is not affected.',
    advice:
      'Try again; if it stays so, use a browser that plays the codec of the camera, or let the camera send H.264.',
  },
  'exports.no-such-export': {
    kind: 'missing',
    what: 'There is no export of this name; exports can be downloaded for a day, and not after a restart of the box.',
    advice: 'Prepare the export again.',
  },
  'http.no-such-screen': {
    kind: 'caller',
    what: 'The token of this screen is unknown, has ended or was revoked.',
    advice: 'Make a new link for the screen in the window of the box, under access tokens.',
  },
  'http.not-for-screens': {
    kind: 'caller',
    what: 'A token that may do more than look on does not go into the browser of a screen.',
    advice: 'Make a token for a wall screen, which may watch live and nothing else.',
  },
  'views.no-such-view': {
    kind: 'missing',
    what: 'There is no view of the live wall with this id.',
    advice: 'List the views again; it may have been removed.',
  },
  'views.too-many': {
    kind: 'caller',
    what: 'So many views of the live wall are not kept.',
    advice: 'Remove one that nobody uses any more.',
  },
  'views.unreadable': {
    kind: 'lost',
    what: 'The file with the views of the live wall cannot be read.',
    advice: 'Move views.json out of the data folder and restart the box; views begin anew. Recording is not affected.',
  },
  'views.not-written': {
    kind: 'later',
    what: 'The views of the live wall could not be written to disk.',
    advice: 'Look at the disk of the data folder; the view is as it was before.',
  },
  'exports.too-long': {
    kind: 'caller',
    what: 'So many cameras and hours do not go into one export.',
    advice: 'Choose a shorter range, or export fewer cameras at a time.',
  },
  'exports.no-key': {
    kind: 'later',
    what: 'The key with which the box signs archives cannot be used.',
    advice:
      'See that the data folder can be written. If evidence.pem there is damaged, remove it: the box makes a new key.',
  },
  'exports.too-many': {
    kind: 'later',
    what: 'As many downloads are under way as the box gives at a time.',
    advice: 'Wait until another download is done, or stop one.',
  },
  'playback.nothing-there': {
    kind: 'missing',
    what: 'Nothing of this stream is recorded from this time on.',
    advice: 'Choose an earlier time, or another stream or camera.',
  },
  'playback.unreadable': {
    kind: 'lost',
    what: 'The recording could not be read from its disk.',
    advice: 'Check whether the disk is connected and healthy; other times and disks can still be played.',
  },
  // Doors.
  'http.not-loopback': {
    kind: 'caller',
    what: 'Without TLS the box answers on this machine only.',
    advice: 'Set http.host to 127.0.0.1; others reach the box through HTTPS.',
  },
  'http.port-in-use': {
    kind: 'caller',
    what: 'Another program uses the port of the web interface.',
    advice: 'Choose another port with --port, or the settings http.port and https.port.',
  },
  'http.certificate-unusable': {
    kind: 'lost',
    what: 'The certificate of the box or its key cannot be read.',
    advice: 'Remove tls.pem from the data folder and start again; the box then makes a new one.',
  },
  'http.certificate-refused': {
    kind: 'caller',
    what: 'The certificate cannot be used.',
    advice: 'Give a certificate in PEM that is in force, with its key.',
  },
  'http.unclaimed': {
    kind: 'caller',
    what: 'The box has not been set up yet.',
    advice: 'Set it up first, with the claim code that it shows at its start.',
  },
  'http.foreign-origin': {
    kind: 'caller',
    what: 'The request came from the page of another site, or without the token of the session.',
    advice: 'Use the pages of the box itself; a program signs in with an API token.',
  },
  'http.foreign-host': {
    kind: 'caller',
    what: 'The box is not reached under this name here.',
    advice: 'Use the address of the box, or localhost on the box itself.',
  },
  'http.no-such-path': {
    kind: 'missing',
    what: 'There is nothing at this address.',
    advice: 'Check the address; /api/openapi.json lists what there is.',
  },
  'http.no-window': {
    kind: 'missing',
    what: 'The window of the box has not been built here.',
    advice:
      'Run node scripts/run.js ui in the folder of the firmware, and start the box again. The API works without it.',
  },
  'http.wrong-method': {
    kind: 'caller',
    what: 'This cannot be done in this way at this address.',
    advice: 'Use one of the methods that are named.',
  },
  'http.too-large': {
    kind: 'caller',
    what: 'The request is larger than the box takes.',
    advice: 'Send less at once.',
  },
  'http.not-json': {
    kind: 'caller',
    what: 'The box takes only JSON here.',
    advice: 'Send the input as JSON, with the content type application/json.',
  },
  'http.bad-json': {
    kind: 'caller',
    what: 'The body of the request is not JSON that the box takes.',
    advice: 'Correct the JSON; names such as __proto__ are refused.',
  },
  'http.too-many-requests': {
    kind: 'later',
    what: 'This client has asked too much in a short time.',
    advice: 'Wait as long as Retry-After says.',
  },

  // RTSP for players and other recorders.
  'rtsp-server.port-in-use': {
    kind: 'caller',
    what: 'Another program uses a port of the RTSP server; players cannot reach the box there. Recording goes on.',
    advice: 'Choose other ports in the settings rtspServer.port, rtspServer.securePort and rtspServer.udpPort.',
  },
  'rtsp-server.too-many': {
    kind: 'later',
    what: 'As many players and recorders take streams from the box as it serves at a time.',
    advice: 'Stop some of them, or raise rtspServer.maxReaders in the settings.',
  },
  'rtsp-server.no-picture': {
    kind: 'later',
    what: 'The camera sends no picture at this moment.',
    advice: 'Look whether the camera is connected; the player may try again in some seconds.',
  },

  // The process that does what needs root.
  'privileged.unavailable': {
    kind: 'later',
    what: 'This needs rights that the box does not have, and the process that has them does not answer.',
    advice:
      'Start it (systemctl start ipvs-privileged) and try again. Folders that are mounted by hand can be used without it.',
  },
  'privileged.not-allowed': {
    kind: 'caller',
    what: 'The process with the rights of root does not take requests from this program.',
    advice: 'Use the ipvs command of the box; if it is refused too, restart ipvs-privileged and ipvs.',
  },
  'privileged.bad-request': {
    kind: 'bug',
    what: 'The process with the rights of root was asked for something that it does not do.',
    advice: 'Check that box and ipvs-privileged are of the same version, and restart both.',
  },
  'privileged.busy': {
    kind: 'later',
    what: 'Something else is still being done with this disk.',
    advice: 'Wait until it has ended and try again; a disk that stays busy for minutes hangs and should be unplugged.',
  },
  'privileged.timeout': {
    kind: 'later',
    what: 'The disk or a program that works on it did not answer in time.',
    advice: 'Look at the cable and the health of the disk; nothing else is done with it until it answers.',
  },
  'privileged.program-missing': {
    kind: 'missing',
    what: 'A program that is needed for this is not installed.',
    advice: 'Install the package that is named: apt install, then try again.',
  },
  'privileged.program-failed': {
    kind: 'later',
    what: 'A program that works on the disk reported an error.',
    advice: 'The words of the program are shown; look at the health of the disk if they speak of it.',
  },

  // Disks of the machine.
  'disks.no-such-disk': {
    kind: 'missing',
    what: 'There is no disk of this id.',
    advice: 'List the disks (ipvs disks list) and copy the id of the one that is meant.',
  },
  'disks.ambiguous': {
    kind: 'caller',
    what: 'Several disks have this id, so the one that is meant cannot be told apart.',
    advice: 'Unplug all but one of them. Cheap enclosures report the same number for every disk: use another one.',
  },
  'disks.not-confirmed': {
    kind: 'caller',
    what: 'The disk that was repeated is not the one that was named; nothing was touched.',
    advice: 'Formatting erases a disk: give exactly the same id twice.',
  },
  'disks.system-disk': {
    kind: 'caller',
    what: 'This disk holds the system of the box and cannot be formatted.',
    advice: 'Choose another disk (ipvs disks list).',
  },
  'disks.mounted': {
    kind: 'caller',
    what: 'The disk is in use: a file system on it is mounted.',
    advice: 'Remove it from the box first (ipvs disks remove), or unmount it if something else uses it.',
  },
  'disks.in-use': {
    kind: 'caller',
    what: 'Something else of the machine uses the disk: a RAID, a volume group, swap or another program.',
    advice: 'Release the disk there first, or choose another one.',
  },
  'disks.read-only': {
    kind: 'caller',
    what: 'The disk cannot be written.',
    advice: 'Look for a write-protect switch on the disk or its enclosure; a worn-out disk may refuse writing, too.',
  },
  'disks.too-small': {
    kind: 'caller',
    what: 'The disk is too small for this file system.',
    advice: 'Choose a larger disk, or ext4.',
  },
  'disks.not-a-disk': {
    kind: 'caller',
    what: 'This is not a whole disk that could be formatted.',
    advice: 'Name the disk itself, neither a partition nor a drive for optical discs.',
  },
  'disks.no-footage': {
    kind: 'missing',
    what: 'There are no recordings of a box on this disk; nothing was changed on it.',
    advice:
      'Check that it is the right disk. To use it for new recordings, format it (ipvs disks format), which erases it.',
  },
  'disks.foreign-format': {
    kind: 'caller',
    what: 'The disk has a file system that the box does not use.',
    advice:
      'The box uses ext4 and xfs. Copy what is needed elsewhere and format the disk, or mount it by hand and adopt its folder.',
  },
  'disks.newer-format': {
    kind: 'caller',
    what: 'The recordings were made by a newer version of this firmware; nothing was changed.',
    advice: 'Update this box, then adopt the disk.',
  },
  'disks.identity-damaged': {
    kind: 'lost',
    what: 'The file that says whose recordings these are is damaged; nothing was changed.',
    advice:
      'Look at the health of the disk. The footage itself can still be copied off by hand: it is ordinary MP4 files.',
  },
  'disks.same-cameras': {
    kind: 'caller',
    what: 'The disk is of another box and has recordings of cameras with the same ids as cameras here; they would be mixed.',
    advice:
      'If they are the same cameras (this box replaces the other one), adopt it with "--same-cameras". Else look at it apart, in a data folder of its own: "ipvs disks adopt DISK --read-only --data FOLDER", then "ipvs run --data FOLDER --port 8090".',
  },
  'disks.same-identity': {
    kind: 'caller',
    what: 'Another disk or folder has the same identity: one is a copy of the other.',
    advice: 'Unplug one of the two. A copy can only be used in place of its original, never beside it.',
  },
  'disks.foreign-owner': {
    kind: 'caller',
    what: 'The files on the disk belong to another user, and the box may not read them.',
    advice:
      'Adopt the disk for use, which makes the files its own, or give the user of the box the right to read them.',
  },
  'disks.bad-folder': {
    kind: 'caller',
    what: 'This folder cannot be used for recordings.',
    advice: 'Give the full path of a real folder that belongs to the box: not a link, nor inside another volume.',
  },
  'disks.no-such-volume': {
    kind: 'missing',
    what: 'The box has no volume of this name.',
    advice: 'List the disks and volumes (ipvs disks list).',
  },
  'disks.already-used': {
    kind: 'caller',
    what: 'The box uses this disk already.',
    advice: 'Nothing needs to be done; ipvs status shows it.',
  },
  'disks.last-volume': {
    kind: 'caller',
    what: 'This is the only volume; without it the box could not record.',
    advice: 'Give the box another disk first (ipvs disks format or adopt).',
  },
  'disks.still-busy': {
    kind: 'later',
    what: 'The box no longer records on the disk, but something still reads from it.',
    advice: 'End playback and exports and repeat the command; do not unplug the disk before it says that it may be.',
  },

  // Health of disks.
  'disks.failing': {
    kind: 'lost',
    what: 'A disk is failing.',
    advice: 'Replace it now; new recordings go to other disks. Copy off what must be kept. The reasons are shown.',
  },
  'disks.ailing': {
    kind: 'later',
    what: 'A disk shows signs that it will fail.',
    advice: 'Order a new disk and copy off what must be kept. The reasons are shown.',
  },
  'disks.remarkable': {
    kind: 'later',
    what: 'There is something to be known about the health of a disk.',
    advice: 'The reasons are shown, with what to do; the box warns if it becomes worse.',
  },
  'disks.silent': {
    kind: 'later',
    what: 'A disk that told of its health before no longer does.',
    advice: 'Check its cable, plug and power, and that ipvs-privileged runs.',
  },
  'disks.slow': {
    kind: 'later',
    what: 'A disk takes much longer to write than it used to.',
    advice: 'Look at its health (ipvs disks health), its cable and its power; a disk that grows slow often fails next.',
  },

  // Notices to people.
  'notices.undelivered': {
    kind: 'later',
    what: 'Notices of the box do not reach their receiver.',
    advice: 'Test the channel that is named; its last error says what to mend. Notices wait and are sent later.',
  },
  'notices.not-kept': {
    kind: 'later',
    what: 'Notices that wait could not be written down; a power cut now would lose them.',
    advice: 'Check the space and the health of the disk with the data folder.',
  },
  'notices.no-such-channel': {
    kind: 'missing',
    what: 'There is no channel of this name.',
    advice: 'List the notices to see the channels: email, or webhook/ and the id of a webhook.',
  },
  'notices.channel-exists': {
    kind: 'caller',
    what: 'There is already a webhook with this id.',
    advice: 'Choose another id, or remove the webhook that is there first.',
  },
  'notices.target-refused': {
    kind: 'caller',
    what: 'The box does not send notices to this address.',
    advice:
      'Use a public address, or add the network of the server to notices.allowNetworks; addresses of the box itself and of its link are never used.',
  },
  'notices.unreachable': {
    kind: 'later',
    what: 'The server for notices could not be reached.',
    advice: 'Check its name and port, and the way of the box to it: address, gateway and name server.',
  },
  'notices.timeout': {
    kind: 'later',
    what: 'The server for notices did not answer in time.',
    advice: 'Check the port and the security setting (starttls or tls), and the load of the server.',
  },
  'notices.tls': {
    kind: 'caller',
    what: 'The encrypted connection to the server for notices could not be trusted or set up.',
    advice: 'Check the name, the certificate and the port; for a private authority give the box its certificate.',
  },
  'notices.login-refused': {
    kind: 'caller',
    what: 'The mail server refused the user name or password.',
    advice: 'Check both; many mail services want a password made for this purpose instead of the usual one.',
  },
  'notices.refused': {
    kind: 'caller',
    what: 'The server refused the notice.',
    advice:
      'Check sender and recipients, or the address and the secret of the webhook; the answer of the server is named.',
  },
  'notices.server-busy': {
    kind: 'later',
    what: 'The server cannot take notices now.',
    advice: 'The box tries again by itself; look at the server if it stays.',
  },
  'notices.redirected': {
    kind: 'caller',
    what: 'The webhook sends the box to another address, and the box does not follow it.',
    advice: 'Enter the new address as the URL of the webhook, if you trust it.',
  },
  'notices.protocol': {
    kind: 'later',
    what: 'The server answered something that is not valid mail or web traffic.',
    advice: 'Check the port and the security setting (starttls or tls).',
  },

  // The log of what is asked of the box and happens to it.
  'audit.not-written': {
    kind: 'lost',
    what: 'The log of operations and events cannot be written.',
    advice:
      'Check that the disk of the data folder is there and has room. The box keeps the newest lines in memory and tries again.',
  },
  'audit.damaged': {
    kind: 'lost',
    what: 'The log of operations and events is not what the box wrote.',
    advice:
      'Somebody or a failing disk has changed it. Run "ipvs log verify": it names the place. New lines go into another file.',
  },
  'audit.not-read': {
    kind: 'later',
    what: 'The log of operations and events could not be read.',
    advice: 'Try again; if it stays, check the disk of the data folder.',
  },
  'audit.busy': {
    kind: 'later',
    what: 'Too many look through the log at the moment.',
    advice: 'Try again in a moment.',
  },
  'audit.bad-cursor': {
    kind: 'caller',
    what: 'This is no place in the log.',
    advice: 'Begin again without a cursor.',
  },

  // Users, sessions, tokens, the first run.
  'accounts.refused': {
    kind: 'caller',
    what: 'The name, the password or the code is not right.',
    advice: 'Type them again. Somebody who stands at the box can set a new password: ipvs users reset-password NAME.',
  },
  'accounts.code-needed': {
    kind: 'caller',
    what: 'This account also wants the code of an authenticator app.',
    advice: 'Send the present code of the app, or one of the recovery codes.',
  },
  'accounts.too-many-tries': {
    kind: 'later',
    what: 'There were too many wrong tries.',
    advice: 'Wait as long as is said, then try again.',
  },
  'accounts.busy': {
    kind: 'later',
    what: 'Too many people are signing in at this moment.',
    advice: 'Try again in a few seconds.',
  },
  'accounts.weak-password': {
    kind: 'caller',
    what: 'The password is too easy to guess.',
    advice: 'Choose another one: at least 12 characters that are no common password and hold no name.',
  },
  'accounts.no-such-user': {
    kind: 'missing',
    what: 'There is no user of this name.',
    advice: 'List the users to see their names.',
  },
  'accounts.user-exists': {
    kind: 'caller',
    what: 'There is already a user of this name.',
    advice: 'Choose another name, or change the user who is there.',
  },
  'accounts.last-administrator': {
    kind: 'caller',
    what: 'This is the only administrator; without one nobody could manage the box.',
    advice: 'Make another administrator first.',
  },
  'accounts.administrator-first': {
    kind: 'caller',
    what: 'The box has no administrator yet.',
    advice: 'Set the box up with its claim code, or add an administrator first.',
  },
  'accounts.already-claimed': {
    kind: 'caller',
    what: 'The box has been set up already.',
    advice: 'Sign in. Somebody who stands at the box can set a new password: ipvs users reset-password NAME.',
  },
  'accounts.bad-claim-code': {
    kind: 'caller',
    what: 'The claim code is not that of this box.',
    advice: 'Read it again: the box prints it when it starts, and ipvs status shows it.',
  },
  'accounts.no-such-session': {
    kind: 'missing',
    what: 'There is no session with this id.',
    advice: 'List the sessions to see their ids.',
  },
  'accounts.no-such-token': {
    kind: 'missing',
    what: 'There is no token with this id.',
    advice: 'List the tokens to see their ids.',
  },
  'accounts.no-such-rtsp-password': {
    kind: 'missing',
    what: 'There is no RTSP password with this id.',
    advice: 'List the RTSP passwords to see their ids.',
  },
  'accounts.stale-challenge': {
    kind: 'later',
    what: 'The answer belongs to another challenge, or to one that has ended.',
    advice: 'Answer the new challenge; players do so by themselves.',
  },
  'accounts.not-for-machines': {
    kind: 'caller',
    what: 'This can only be done by a person who has signed in, not with a token.',
    advice: 'Sign in with name and password, or do it at the box itself.',
  },
  'accounts.endless': {
    kind: 'caller',
    what: 'A token that never ends may only look on.',
    advice: 'Give the token an end, or only the rights that are named.',
  },
  'accounts.too-many': {
    kind: 'caller',
    what: 'There are as many of these as the box keeps.',
    advice: 'Remove some that are no longer needed.',
  },
  'accounts.unreadable': {
    kind: 'lost',
    what: 'The accounts of the box could not be read; nobody can sign in. Recording goes on.',
    advice:
      'Put accounts.json of the data folder back from a backup, or move it away and restart the box: then it is set up anew with its claim code.',
  },
  'accounts.not-written': {
    kind: 'later',
    what: 'The accounts could not be written; the old ones stay in force.',
    advice: 'Check the space on the disk with the data folder, and that the folder can be written.',
  },

  'box.support-over': {
    kind: 'later',
    what: 'This release of the firmware is not looked after any more: weaknesses that are found in it will not be mended.',
    advice: 'Update the box to a newer release. It goes on recording.',
  },
  'box.bug': {
    kind: 'bug',
    what: 'The firmware made a mistake.',
    advice: 'Please report it with the log around this moment.',
  },
} as const satisfies Record<string, ErrorInfo>;

export type ErrorCode = keyof typeof ERROR_CODES;
