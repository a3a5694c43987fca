/**
 * Which partitions change their owner when the owners change in number: as few as possible, and all owners end up alike.
 * Pure. Thread: any.
 *
 * Every member gets the same number of partitions, give or take one; those that have most already get the odd ones, so that least must move. What a
 * member has beyond its part, and all of those who are no members any more, goes to members that lack some.
 * Invariant: afterwards the numbers of any two members differ by at most one, and no plan with fewer moves achieves that.
 */

/** A partition that changes its owner. */
export interface PlannedMove {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Plans the moves.
 *
 * @param owners - present owner of each partition
 * @param members - owners from now on, at least one, each once
 * @returns the moves, those of one present owner together
 */
export function assignPartitions(owners: ArrayLike<number>, members: readonly number[]): readonly PlannedMove[] {
  const owned = new Map<number, number[]>();
  for (const member of members) owned.set(member, []);
  for (let partition = 0; partition < owners.length; partition++) {
    const owner = owners[partition] as number;
    const list = owned.get(owner) ?? [];
    list.push(partition);
    owned.set(owner, list);
  }
  const count = (member: number): number => owned.get(member)?.length ?? 0;
  const least = Math.floor(owners.length / members.length);
  const odd = owners.length % members.length;
  const ranked = [...members].sort((one, other) => count(other) - count(one));
  const quota = new Map(ranked.map((member, rank) => [member, rank < odd ? least + 1 : least]));
  const wanting = ranked.flatMap((member) => {
    const lacks = (quota.get(member) ?? 0) - count(member);
    return Array.from({ length: Math.max(0, lacks) }, () => member);
  });
  const moves: PlannedMove[] = [];
  for (const [from, partitions] of owned) {
    for (const partition of partitions.slice(quota.get(from) ?? 0))
      moves.push({ partition, from, to: wanting.shift() as number });
  }
  return moves;
}
