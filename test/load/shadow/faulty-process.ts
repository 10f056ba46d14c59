import { startFaultyTargets } from './faulty-target.ts';

// A process of its own, so that what the faults cost falls on nobody who is measured.
process.send?.(await startFaultyTargets());
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => {});
