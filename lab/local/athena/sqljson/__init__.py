"""SQL/JSON of the standard: json_exists, json_query, json_value, json_array, json_object and the path language."""
