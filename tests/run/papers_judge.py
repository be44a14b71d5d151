#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
#
# papers_judge.py KIND BUNDLE: whether a bundle's files keep the rules of a format, read as programs
# of others do, from what the formats' own documents say.  Says what is wrong, and exits with 1.
import hashlib
import json
import os
import re
import sys
import tarfile
import xml.etree.ElementTree

kind, bundle = sys.argv[1:]


def need(truth, what):
    if not truth:
        sys.exit(f"{kind}: {what}")


def path_to(name):
    return os.path.join(bundle, name)


def load(name):
    def once(pairs):
        need(len(pairs) == len(dict(pairs)), f"{name} says something twice")
        return dict(pairs)
    with open(path_to(name), encoding="utf-8") as file:
        return json.load(file, object_pairs_hook=once)


manifest = load("manifest.json")
items = {item["name"]: item for item in manifest["items"]}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def same_labels(name, row):
    for key in ("event_class", "origin"):
        need(row[key] == items[name][key], f"{name}: {key} is {row[key]}")


def unique(rows, what):
    ids = [row["id"] for row in rows]
    need(len(set(ids)) == len(ids) and all(isinstance(i, int) for i in ids), f"ids of {what}")
    return {row["id"]: row for row in rows}


# Rows in metadata.jsonl beside the files; file_name is relative to it, and every file has a row.
def videofolder():
    folder = path_to("items")
    with open(os.path.join(folder, "metadata.jsonl"), encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    files = {f for f in os.listdir(folder) if f.endswith(".mp4")}
    need({row["file_name"] for row in rows} == files and len(rows) == len(files), "rows are not files")
    need(len({tuple(sorted(row)) for row in rows}) == 1, "rows have different columns")
    for column in rows[0]:
        types = {type(row[column]) for row in rows} - {type(None)}
        need(len(types) <= 1, f"{column} is of types {types}")
    for row in rows:
        same_labels(row["file_name"].split(".")[0], row)
    # A word of this kind in a path would make a split of what is below it.
    split = r"(^|[-._ 0-9/])(train|training|test|testing|eval|evaluation|dev|val|valid|validation)([-._ 0-9/]|$)"
    for where, _, names in os.walk(bundle):
        for name in names:
            path = os.path.relpath(os.path.join(where, name), bundle)
            need(not re.search(split, path), f"{path} looks like a split")


# Files of a sample follow each other and have one name up to the first dot.
def webdataset():
    seen = []
    shards = sorted(os.listdir(path_to("shards")))
    need(shards == [f"clips-{i:06d}.tar" for i in range(len(shards))], "shards are not numbered")
    for shard in shards:
        last, sample = None, {}
        with tarfile.open(path_to(f"shards/{shard}")) as tar:
            for member in list(tar) + [None]:
                key = member and member.name.split(".", 1)[0]
                if key != last and last is not None:
                    need(set(sample) == {"mp4", "json"}, f"sample {last} has {set(sample)}")
                    need(sha256(sample["mp4"]) == items[last]["sha256"], f"{last}: sha256")
                    same_labels(last, json.loads(sample["json"]))
                    seen.append(last)
                    sample = {}
                if not member:
                    break
                need(member.isfile() and "/" not in member.name, f"{member.name} is no plain file")
                need((member.mtime, member.uid, member.gid, member.uname, member.gname) ==
                     (0, 0, 0, "", ""), f"{member.name} says whose it is, or when")
                suffix = member.name.split(".", 1)[1]
                need(suffix not in sample, f"{member.name} is there twice")
                sample[suffix] = tar.extractfile(member).read()
                last = key
    need(sorted(seen) == sorted(items), "samples are not the items")


def coco():
    data = load("annotations.json")
    images, videos = unique(data["images"], "images"), unique(data["videos"], "videos")
    categories = unique(data["categories"], "categories")
    annotations = unique(data["annotations"], "annotations")
    need(len({c["name"] for c in categories.values()}) == len(categories), "names of categories")
    need(0 not in categories, "0 is the background")
    need({a["image_id"] for a in annotations.values()} == set(images), "not every image is annotated")
    for a in annotations.values():
        image = images[a["image_id"]]
        need(videos[a["video_id"]]["file_name"] == image["file_name"], "image of another video")
        need(os.path.isfile(path_to(image["file_name"])), f"there is no {image['file_name']}")
        name = os.path.basename(image["file_name"]).split(".")[0]
        same_labels(name, {"event_class": categories[a["category_id"]]["name"],
                           "origin": a["attributes"]["origin"]})
        if "bbox" in a:
            need(len(a["bbox"]) == 4 and "area" in a, "a box without an area")
    need(len(images) == len(items), "images are not the items")


# A task has what the configuration shows; a result is of one of its controls, in its words.
def labelstudio():
    root = xml.etree.ElementTree.parse(path_to("labels.xml")).getroot()
    shown = {e.get("name"): e.get("value") for e in root.iter() if (e.get("value") or "").startswith("$")}
    controls = {e.get("name"): e for e in root.iter() if e.get("toName")}
    tasks = load("tasks.json")
    unique(tasks, "tasks")
    for task in tasks:
        for value in shown.values():
            need(value[1:] in task["data"], f"a task has no {value}")
        prefix, path = task["data"]["video"].split("?d=")
        need(prefix == "/data/local-files/" and os.path.isfile(path_to(path)), f"there is no {path}")
        labels = {}
        for result in (r for p in task["predictions"] for r in p["result"]):
            control = controls[result["from_name"]]
            need(result["to_name"] == control.get("toName") in shown, "a result of nothing shown")
            need(result["type"] == control.tag.lower(), "a result of another type")
            words = {choice.get("value") for choice in control}
            need(set(result["value"]["choices"]) <= words, "a word that is no choice")
            labels[result["from_name"]] = result["value"]["choices"][0]
        same_labels(os.path.basename(path).split(".")[0], labels)
    need(len(tasks) == len(items), "tasks are not the items")


def cawg():
    uses = {"cawg.data_mining", "cawg.ai_inference", "cawg.ai_training", "cawg.ai_generative_training"}
    need(sorted(os.listdir(path_to("cawg"))) == sorted(f"{name}.json" for name in items), "names")
    for name, item in items.items():
        assertion = load(f"cawg/{name}.json")
        need(assertion["label"] == "cawg.training-mining", "label")
        need(set(assertion["data"]["entries"]) == uses, "entries")
        need(assertion["asset"]["hash"] == item["sha256"], "hash")
        for entry in assertion["data"]["entries"].values():
            need(entry["use"] in ("allowed", "notAllowed", "constrained"), "use")
            need(entry["use"] != "constrained" or entry["constraint_info"], "constraint without a word")


# One line of HTTP: a dictionary whose values are y or n.
def usage():
    with open(path_to(".scrim-usage"), encoding="ascii") as file:
        lines = [line.rstrip("\n") for line in file if not line.startswith("#")]
    need(len(lines) == 1 and lines[0].startswith("Content-Usage: "), "it is not one line")
    said = dict(re.fullmatch(r"([a-z][a-z-]*)=([yn])", member).groups()
                for member in lines[0].split(": ")[1].split(", "))
    need({"train-ai", "search"} <= set(said), "a category is not said")
    # A detector generates nothing, so that nobody was asked for that.
    need(set(said.values()) == {"n"}, f"allowed is {said}")


def tdmrep():
    for rule in load("tdmrep.json"):
        need(rule["location"] and rule["tdm-reservation"] == 1, "reservation")
        need(re.match(r"https://\S+$", rule.get("tdm-policy", "https://x")), "policy")


# As linked data, with the names of the specification and no network.
def croissant():
    import rdflib
    cr = rdflib.Namespace("http://mlcommons.org/croissant/")
    sc = rdflib.Namespace("http://schema.org/")
    rai = rdflib.Namespace("http://mlcommons.org/croissant/RAI/")
    dct = rdflib.Namespace("http://purl.org/dc/terms/")
    graph = rdflib.Graph().parse(path_to("croissant.json"), format="json-ld", base="https://bundle.example/")
    datasets = list(graph.subjects(rdflib.RDF.type, sc.Dataset))
    need(len(datasets) == 1, "it is not one dataset")
    data = datasets[0]
    for wanted in (dct.conformsTo, sc.description, sc.license, sc.name, sc.url, sc.creator,
                   sc.datePublished, sc.distribution, cr.recordSet, sc.usageInfo,
                   rai.dataManipulationProtocol, rai.dataUseCases, rai.dataCollectionTimeframe):
        need((data, wanted, None) in graph, f"{wanted} is missing")
    known = {cr[t] for t in ("containedIn", "data", "dataType", "extract", "field", "fileProperty",
                             "fileSet", "includes", "isLiveDataset", "key", "recordSet", "references",
                             "source")}
    for predicate in set(graph.predicates()):
        need(not predicate.startswith(str(cr)) or predicate in known or predicate.startswith(str(rai)),
             f"{predicate} is not a word of Croissant")
    files = list(graph.subjects(rdflib.RDF.type, cr.FileObject))
    hashes = {str(graph.value(f, sc.sha256)) for f in files}
    need(hashes == {item["sha256"] for item in items.values()}, "hashes of files")
    for f in files:
        need((data, sc.distribution, f) in graph, f"{f} is not distributed")
        inside = graph.value(f, cr.containedIn)
        url = str(graph.value(f, sc.contentUrl))
        need(inside or os.path.isfile(path_to(url)), f"there is no {url}")
        need(not inside or (inside, rdflib.RDF.type, cr.FileSet) in graph, "contained in nothing")
    fields = set(graph.subjects(rdflib.RDF.type, cr.Field))
    for field in fields:
        types = {str(t) for t in graph.objects(field, cr.dataType)}
        need(types & {str(sc[t]) for t in ("Text", "Date", "Integer", "Float", "VideoObject")},
             f"{field} is of type {types}")
        for other in graph.objects(field, cr.references):
            need(other in fields, f"{field} refers to nothing")
    for records in graph.subjects(rdflib.RDF.type, cr.RecordSet):
        need(graph.value(records, cr.key) in fields, f"{records} has no key")
        names = {str(f).split("example/")[-1] for f in graph.objects(records, cr.field)}
        rows = graph.value(records, cr.data)
        for row in json.loads(rows) if rows else []:
            need(set(row) <= names, f"{set(row) - names} are no fields")
            if "records/path" in row:
                same_labels(os.path.basename(row["records/path"]).split(".")[0],
                            {k.split("/")[1]: v for k, v in row.items()})


globals()[kind]()
