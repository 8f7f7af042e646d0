// A flat graph taken apart into its sections and put together again, to make wrong ones of it.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "halyard/abi/graph.h"

namespace halyard::test {

using Bytes = std::vector<unsigned char>;

/// One section, with its records as they are in the block.
struct Section {
  uint32_t kind = 0, flags = 0, stride = 1;
  Bytes data;
};

inline std::vector<Section> take_apart(const Bytes& graph) {
  hy_graph_header header;
  std::memcpy(&header, graph.data(), sizeof header);
  std::vector<Section> out(header.section_count);
  for (uint32_t i = 0; i < header.section_count; ++i) {
    hy_graph_section s;
    std::memcpy(&s, graph.data() + header.header_bytes + uint64_t{i} * header.section_stride,
                sizeof s);
    const auto begin = graph.begin() + static_cast<std::ptrdiff_t>(s.offset);
    out[i] = {s.kind, s.flags, s.stride,
              Bytes(begin, begin + static_cast<std::ptrdiff_t>(uint64_t{s.count} * s.stride))};
  }
  return out;
}

inline Bytes put_together(const std::vector<Section>& sections) {
  hy_graph_header header{HY_GRAPH_MAGIC, sizeof header, 0, static_cast<uint32_t>(sections.size()),
                         sizeof(hy_graph_section)};
  Bytes out(sizeof header + sections.size() * sizeof(hy_graph_section));
  for (size_t i = 0; i < sections.size(); ++i) {
    const Section& s = sections[i];
    out.resize((out.size() + 7) / 8 * 8);
    const hy_graph_section entry{s.kind, s.flags, out.size(),
                                 static_cast<uint32_t>(s.data.size() / s.stride), s.stride};
    std::memcpy(out.data() + sizeof header + i * sizeof entry, &entry, sizeof entry);
    out.insert(out.end(), s.data.begin(), s.data.end());
  }
  header.total_bytes = out.size();
  std::memcpy(out.data(), &header, sizeof header);
  return out;
}

/// The section of that kind, or null.
inline Section* find(std::vector<Section>& sections, uint32_t kind) {
  for (Section& s : sections)
    if (s.kind == kind) return &s;
  return nullptr;
}

/// Lets change(T&) edit record i of a section.
template <class T, class F>
void edit(std::vector<Section>& sections, uint32_t kind, uint32_t i, F&& change) {
  Section& s = *find(sections, kind);
  T record;
  std::memcpy(&record, s.data.data() + uint64_t{i} * s.stride, sizeof record);
  change(record);
  std::memcpy(s.data.data() + uint64_t{i} * s.stride, &record, sizeof record);
}

/// The same records, each extra bytes longer.
inline void widen(Section& s, uint32_t extra) {
  Bytes wide;
  for (size_t at = 0; at + s.stride <= s.data.size(); at += s.stride) {
    const auto begin = s.data.begin() + static_cast<std::ptrdiff_t>(at);
    wide.insert(wide.end(), begin, begin + s.stride);
    wide.insert(wide.end(), extra, 0xa5);
  }
  s.data = std::move(wide);
  s.stride += extra;
}

}  // namespace halyard::test
