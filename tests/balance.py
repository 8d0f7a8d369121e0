# SPDX-License-Identifier: GPL-2.0-or-later
"""What has to add up in the JSON report of a process."""

EVIDENCE = ("kernel", "walked", "inferred", "unknown")
SUMMED = ("rss_bytes", "pss_bytes", "uss_bytes", "swap_bytes")


def total(rows, key):
    """The sum over the rows that have the field, None if no row has it."""
    known = [row[key] for row in rows if row[key] is not None]
    return sum(known) if known else None


def parts_of(region):
    """The parts of a region: the region itself if it was not divided."""
    return region["parts"] or [region]


def is_divided(categories, key, process):
    """Whether each category has the figure; one may lack it only if a mapping of several categories
    could not be divided."""
    if all(category[key] is not None for category in categories):
        return True
    return not any(part["pss_bytes"] is None for region in process["regions"] or []
                   for part in region["parts"] or [])


def private_bytes(region):
    return region["private_clean_bytes"] + region["private_dirty_bytes"]


def sheet_errors(process):
    """Compares categories, owners and evidence with the totals."""
    totals, accounting = process["totals"], process["accounting"]
    categories = process["categories"]
    for key in (*SUMMED, "mappings"):
        if is_divided(categories, key, process):
            yield f"categories, {key}", total(categories, key), totals[key]
    for category in categories:
        name, owners = category["id"], category["owners"]
        for key in ("rss_bytes", "mappings"):
            yield f"owners of {name}, {key}", total(owners, key) or 0, category[key]
        for key in ("pss_bytes", "uss_bytes"):
            if all(owner[key] is not None for owner in owners):
                yield f"owners of {name}, {key}", total(owners, key) or 0, category[key]
        for kind in EVIDENCE:
            of_kind = [owner for owner in owners if owner["evidence"] == kind]
            yield (f"owners of {name}, {kind}", total(of_kind, "rss_bytes") or 0,
                   category["evidence"][f"{kind}_bytes"])
        yield f"evidence of {name}", sum(category["evidence"].values()), category["rss_bytes"]
    for kind in EVIDENCE:
        key = "unexplained_bytes" if kind == "unknown" else f"{kind}_bytes"
        yield (f"evidence of all, {kind}",
               sum(category["evidence"][f"{kind}_bytes"] for category in categories),
               accounting[key])
    yield "accounting, rss", accounting["rss_bytes"], totals["rss_bytes"]
    yield "not read, without --deep", accounting["not_read_bytes"], accounting["unexplained_bytes"]


def kind_errors(process):
    totals = process["totals"]
    yield ("anonymous + file + shmem",
           total([{"n": totals[f"{kind}_bytes"]} for kind in ("anonymous", "file", "shmem")], "n"),
           totals["rss_bytes"])
    for key in ("rss_bytes", "pss_bytes", "mappings"):
        yield f"permissions, {key}", total(process["permissions"], key), totals[key]
    yield ("sizes of permissions and categories", total(process["permissions"], "size_bytes"),
           total(process["categories"], "size_bytes"))


def package_errors(process):
    for package in process["packages"]:
        files = [file for file in process["files"] if file["package"] == package["name"]]
        yield f"files of {package['name']}", len(files), package["files"]


def region_errors(process):
    regions, totals = process["regions"], process["totals"]
    yield "regions, mappings", len(regions), totals["mappings"]
    for key in ("rss_bytes", "pss_bytes", "swap_bytes", "swap_pss_bytes", "lazyfree_bytes",
                "anonymous_bytes"):
        yield f"regions, {key}", total(regions, key), totals[key]
    for region in regions:
        if region["parts"]:
            yield (f"parts of {region['start']}", total(region["parts"], "rss_bytes"),
                   region["rss_bytes"])
            if all(part["pss_bytes"] is not None for part in region["parts"]):
                yield (f"PSS of parts of {region['start']}", total(region["parts"], "pss_bytes"),
                       region["pss_bytes"])
                yield (f"USS of parts of {region['start']}", total(region["parts"], "uss_bytes"),
                       private_bytes(region))
    for category in process["categories"]:
        for kind in EVIDENCE:
            parts = [part for region in regions for part in parts_of(region)
                     if part["category"] == category["id"] and part["evidence"] == kind]
            yield (f"regions of {category['id']}, {kind}", total(parts, "rss_bytes") or 0,
                   category["evidence"][f"{kind}_bytes"])


def errors(process):
    """A line for each wrong sum; [] for a process without memory."""
    if process["categories"] is None:
        return [] if process["accounting"] is None else ["accounting of nothing"]
    checks = [*sheet_errors(process), *kind_errors(process), *package_errors(process)]
    if process["regions"]:
        checks += region_errors(process)
    return [f"{name}: {got} is not {want}" for name, got, want in checks if got != want]
