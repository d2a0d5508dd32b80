"""Functions of Trino that are refused by name: they exist, this engine does not compute them.

Source: https://trino.io/docs/current/functions/list.html
"""

KNOWN = frozenset(
    """
    approx_set checksum classify convex_hull_agg bing_tile bing_tile_at bing_tiles_around color bar render rgb
    cosine_distance dot_product date_table empty_approx_set evaluate_classifier_predictions features
    from_geojson_geometry from_ieee754_32 from_ieee754_64 geometry_from_hadoop_shape geometry_union geometry_union_agg
    great_circle_distance hmac_md5 hmac_sha1 hmac_sha256 hmac_sha512 intersection_cardinality jaccard_index json_array
    json_exists json_object json_query json_table json_value learn_classifier learn_libsvm_classifier
    learn_libsvm_regressor learn_regressor make_set_digest merge merge_set_digest numeric_histogram qdigest_agg
    quantile_at_value quantiles_at_values regress regr_intercept_agg murmur3 spooky_hash_v2_32 spooky_hash_v2_64
    soundex spatial_partitioning spatial_partitions st_area st_asbinary st_astext st_boundary st_buffer st_centroid
    st_contains st_convexhull st_coorddim st_crosses st_difference st_dimension st_disjoint st_distance st_endpoint
    st_envelope st_equals st_exteriorring st_geometries st_geometryfromtext st_geometryn st_geometrytype
    st_geomfrombinary st_intersection st_intersects st_isclosed st_isempty st_isring st_issimple st_isvalid st_length
    st_linefromtext st_linestring st_multipoint st_numgeometries st_point st_pointn st_polygon st_touches st_union
    st_within st_x st_y tdigest_agg theta_sketch_estimate theta_sketch_union timezone_hour timezone_minute to_char
    to_date to_geojson_geometry to_ieee754_32 to_ieee754_64 to_spherical_geography to_timestamp trim_array
    value_at_quantile values_at_quantiles wilson_interval_lower wilson_interval_upper inverse_beta_cdf beta_cdf
    inverse_normal_cdf t_cdf t_pdf word_stem xxhash64 uuid version hash_counts array_histogram any_value_agg
    contains_sequence euclidean_distance
    """.split()
)
