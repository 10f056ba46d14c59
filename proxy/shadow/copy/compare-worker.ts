import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { shadowAnalysis, type AnalysisOptions } from '../analysis.ts';
import { serveComparing } from './serve-comparing.ts';

// The comparing thread. What is slow, or can be made slow by what it reads, happens here and not where clients wait.
// On Linux this is the priority of the calling thread alone, elsewhere that of the whole process.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
if (parentPort === null) throw new Error('this file is the program of a worker thread');
serveComparing(parentPort, shadowAnalysis(workerData as AnalysisOptions, { now: Date.now() }));
