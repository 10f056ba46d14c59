// How a row that is there takes in another of the same slot: the batches of many proxies, and minutes that become hours.

export const addToRouteSlot = `
  on conflict (migration, route, primary_side, slot) do update set
    eligible = known.eligible + excluded.eligible,
    compared = known.compared + excluded.compared,
    same = known.same + excluded.same,
    different = known.different + excluded.different,
    raced = known.raced + excluded.raced,
    noise_samples = known.noise_samples + excluded.noise_samples,
    skipped = add_counts(known.skipped, excluded.skipped),
    shadow_failures = add_counts(known.shadow_failures, excluded.shadow_failures),
    primary_latency = add_histograms(known.primary_latency, excluded.primary_latency),
    shadow_latency = add_histograms(known.shadow_latency, excluded.shadow_latency),
    crowded_out = known.crowded_out + excluded.crowded_out`;

export const addToFindingSlot = `
  on conflict (finding, slot) do update set
    pairs = known.pairs + excluded.pairs,
    self_differed = known.self_differed + excluded.self_differed,
    shadow_alone = known.shadow_alone + excluded.shadow_alone,
    primary_alone = known.primary_alone + excluded.primary_alone,
    all_differ = known.all_differ + excluded.all_differ`;
