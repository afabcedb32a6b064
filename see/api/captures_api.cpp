#include "see/api/captures_api.h"

#include <algorithm>

#include "see/api/answers.h"
#include "spine/base/rfc3339.h"

namespace yagura::see {
namespace {

observe::Time now_of(const Clock& clock) { return observe::Time{std::chrono::nanoseconds{clock.now()}}; }

json json_of_capture(const store::Capture& one) {
    json row{{"id", one.id},
             {"name", api::clipped(one.name, 255)},
             {"state", one.state},
             {"bytes", count(one.bytes)},
             {"received", count(one.bytes)},
             {"bytes_read", count(one.bytes_read)},
             {"packets", count(one.packets)},
             {"devices", one.devices},
             {"at", time_text(one.at)},
             {"by", api::clipped(one.by, 96)}};
    put_time(row, "first_packet", one.first_packet);
    put_time(row, "last_packet", one.last_packet);
    put_time(row, "finished", one.finished);
    if (!one.damage.empty()) {
        row["damage"] = {{"what", api::clipped(one.damage)}};
        if (one.damage_packet) row["damage"]["packet"] = count(one.damage_packet);
    }
    return row;
}

json json_of_coming(const Uploads::UnderWay& one) {
    return {{"id", one.id},
            {"name", api::clipped(one.name, 255)},
            {"state", "receiving"},
            {"bytes", count(std::max(one.bytes, one.received))},
            {"received", count(one.received)},
            {"at", rfc3339(one.at)},
            {"by", api::clipped(one.by, 96)}};
}

api::Response list(const api::Request& request, store::CaptureReader& captures, const Uploads& uploads) {
    const auto found = captures.captures(page_of(request));
    if (!found) return failed(found.error());
    json out{{"captures", json::array()}, {"limit_bytes", uploads.most_bytes()}};
    if (request.in_query("cursor").empty()) // Beside the page, and few: they are not in the store yet.
        for (const auto& one : uploads.under_way()) out["captures"].push_back(json_of_coming(one));
    for (const auto& one : found->captures) out["captures"].push_back(json_of_capture(one));
    put_text(out, "next_cursor", found->next_cursor);
    return api::answer(out);
}

api::Response get(const api::Request& request, store::CaptureReader& captures, const Uploads& uploads) {
    for (const auto& one : uploads.under_way())
        if (one.id == request.in_path("capture_id")) return api::answer(json_of_coming(one));
    const auto found = captures.capture(request.in_path("capture_id"));
    if (!found) return failed(found.error());
    return *found ? api::answer(json_of_capture(**found)) : nothing("capture");
}

/// The file is whole: the journal hears of it before the person does.
api::Response hand_over(const Uploads::Whole& whole, std::string_view who, Uploads& uploads,
                        model::Commands& commands) {
    const auto done = commands.run(model::AddUpload{whole.name, whole.file, whole.bytes}, who);
    if (!done) {
        uploads.discard(whole.file);
        return refused(done.error());
    }
    store::Capture capture;
    capture.id = done->id;
    capture.name = whole.name;
    capture.state = "waiting";
    capture.bytes = whole.bytes;
    capture.at = done->at;
    capture.by = who;
    auto response = api::answer(json_of_capture(capture), 201);
    response.audit = cat(whole.name, ", ", whole.bytes, " bytes, as ", done->id);
    return response;
}

api::Response sample(const api::Request& request, Uploads& uploads, model::Commands& commands,
                     const std::vector<std::string>& samples) {
    if (samples.empty())
        return api::problem(409, {.code = "api.no-sample",
                                  .what = "no sample capture is installed",
                                  .next = "upload a capture of your own"});
    api::Response last;
    for (const auto& path : samples) {
        const auto whole = uploads.take(path);
        if (!whole) return api::problem(409, whole.error());
        last = hand_over(*whole, request.who->name, uploads, commands);
        if (last.status != 201) return last;
    }
    return last;
}

api::Response remove(const api::Request& request, model::Commands& commands, Uploads& uploads) {
    if (uploads.stop(request.in_path("capture_id"))) return {.status = 204, .audit = "stopped on its way in"};
    const auto done = commands.run(model::RemoveUpload{std::string{request.in_path("capture_id")}},
                                   request.who->name);
    return done ? api::Response{.status = 204} : refused(done.error());
}

json json_of_sensor(const store::Sensor& one) {
    json row{{"id", one.id},
             {"name", api::clipped(one.name, 128)},
             {"state", one.state},
             {"packets_per_second", std::clamp(one.packets_per_second, 0.0, 1e12)},
             {"bytes_per_second", std::clamp(one.bytes_per_second, 0.0, 1e12)},
             {"packets", count(one.packets)},
             {"dropped", count(one.dropped)},
             {"dropped_share", std::clamp(one.dropped_share, 0.0, 1.0)},
             {"one_sided", one.one_sided},
             {"clock_offset_ms", std::clamp(one.clock_offset_ms, -1e12, 1e12)}};
    put_text(row, "interface", one.interface, 128);
    put_time(row, "since", one.since);
    put_time(row, "last_packet", one.last_packet);
    return row;
}

api::Response sensors(store::CaptureReader& captures, const Clock& clock) {
    const auto found = captures.sensors(now_of(clock));
    if (!found) return failed(found.error());
    json out{{"sensors", json::array()}};
    std::uint64_t packets = 0, dropped = 0, receiving = 0;
    for (const auto& one : *found) {
        receiving += one.state == "receiving";
        packets += one.packets;
        dropped += one.dropped;
        if (out["sensors"].size() < 1'000) out["sensors"].push_back(json_of_sensor(one));
    }
    out["summary"] = {{"total", found->size()}, {"receiving", receiving}};
    if (packets + dropped)
        out["summary"]["dropped_share"] = static_cast<double>(dropped) /
                                          static_cast<double>(packets + dropped);
    return api::answer(out);
}

api::Response sensor(const api::Request& request, store::CaptureReader& captures, const Clock& clock) {
    const auto id = request.in_path("sensor_id");
    const auto found = captures.sensor(id, now_of(clock));
    if (!found) return failed(found.error());
    if (!*found) return nothing("sensor");
    const auto day = captures.sensor_day(id, now_of(clock));
    if (!day) return failed(day.error());
    json out{{"sensor", json_of_sensor(**found)}, {"history", json::array()}};
    for (const auto& minute : *day)
        if (out["history"].size() < 1'440)
            out["history"].push_back({{"at", time_text(minute.at)},
                                      {"packets", count(minute.packets)},
                                      {"bytes", count(minute.bytes)},
                                      {"dropped", count(minute.dropped)}});
    return api::answer(out);
}

api::Response blind_spots(store::CaptureReader& captures, const Clock& clock) {
    const auto found = captures.blind_spots(now_of(clock));
    if (!found) return failed(found.error());
    json out{{"blind_spots", json::array()}};
    for (const auto& one : *found) {
        if (out["blind_spots"].size() == 1'000) break;
        json row{{"id", one.id},
                 {"kind", one.kind},
                 {"since", time_text(one.since)},
                 {"seen", std::clamp(one.seen, 0.0, 1.0)},
                 {"count", count(one.count)}};
        if (one.until) put_time(row, "until", *one.until);
        put_text(row, "sensor", one.sensor, 64);
        put_text(row, "source", one.source, 256);
        out["blind_spots"].push_back(std::move(row));
    }
    return api::answer(out);
}

} // namespace

void tell_reading(store::CaptureReader& captures, api::EventHub& events) {
    const auto found = captures.being_read();
    if (!found) return; // Whoever asks for the list is told what is wrong.
    for (const auto& one : *found)
        events.publish("capture", one.id, "sensor.look",
                       json{{"kind", "capture"},
                            {"id", one.id},
                            {"state", one.state},
                            {"bytes", count(one.bytes)},
                            {"bytes_read", count(one.bytes_read)},
                            {"packets", count(one.packets)}}
                           .dump());
}

void add_capture_handlers(api::Service& service, store::CaptureReader& captures, Uploads& uploads,
                          model::Commands& commands, const Clock& clock, api::EventHub& events,
                          std::vector<std::string> samples) {
    service.on("listCaptures", [&captures, &uploads](const api::Request& request) {
        return list(request, captures, uploads);
    });
    service.on("getCapture", [&captures, &uploads](const api::Request& request) {
        return get(request, captures, uploads);
    });
    service.on("deleteCapture", [&commands, &uploads](const api::Request& request) {
        return remove(request, commands, uploads);
    });
    service.on("readSample",
               [&uploads, &commands, samples = std::move(samples)](const api::Request& request) {
                   return sample(request, uploads, commands, samples);
               });
    uploads.on_progress([&events](const Uploads::UnderWay& one) {
        events.publish("capture", one.id, "sensor.look",
                       json{{"kind", "capture"},
                            {"id", one.id},
                            {"state", "receiving"},
                            {"bytes", count(std::max(one.bytes, one.received))},
                            {"received", count(one.received)}}
                           .dump());
    });
    service.on_stream("uploadCapture", [&uploads, &commands, &clock](const api::Request& request) {
        return uploads.begin({.name = request.in_query("name"),
                              .by = request.who->name,
                              .bytes = request.length,
                              .at = clock.now()},
                             [&uploads, &commands, who = request.who->name](const Uploads::Whole& whole) {
                                 return hand_over(whole, who, uploads, commands);
                             });
    });
    service.on("listSensors", [&captures, &clock](const api::Request&) { return sensors(captures, clock); });
    service.on("getSensor",
               [&captures, &clock](const api::Request& request) { return sensor(request, captures, clock); });
    service.on("listBlindSpots",
               [&captures, &clock](const api::Request&) { return blind_spots(captures, clock); });
}

} // namespace yagura::see
