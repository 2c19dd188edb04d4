"""Seeds of repeats."""

from facs3d.planning.seeds import seed_of_repeat


def test_the_first_repeat_has_the_seed_itself_and_each_other_one_its_own():
    seeds = [seed_of_repeat(seed, repeat) for seed in (1, 2) for repeat in range(1, 200)]
    assert seeds[0] == 1
    assert seeds[199] == 2
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert seeds == [seed_of_repeat(seed, repeat) for seed in (1, 2) for repeat in range(1, 200)]
