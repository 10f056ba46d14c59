import { startFaultyTargets, type FaultPorts } from './faulty-target.ts';

// The load side with the targets that fail beside its upstream, on the same thread, as the good target of copies is. As a
// process of their own on the load's core they would stop clients and upstream for whole time slices, which reads as if
// the proxy had been late.
await startFaultyTargets(JSON.parse(process.argv[2] ?? '') as FaultPorts);
await import('../proxy/load/load-process.ts');
