import type { ErrorInfo } from './error-info.ts';

/** Disks and what lies on them. */
export const STORAGE_ERRORS = {
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
} as const satisfies Record<string, ErrorInfo>;
